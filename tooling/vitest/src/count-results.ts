import type { TestCase, TestModule, TestSuite } from 'vitest/node'

export interface LaneResult {
  readonly passed: number
  /** What failed, as it is shown: a test, a file or suite that could not be run, an error that nobody caught. */
  readonly failed: readonly string[]
  readonly skipped: readonly string[]
}

/**
 * Counts what a lane did. Whatever is not a passed test is named, so that nothing can get lost: a file that does not
 * load, a hook that fails, a promise that nobody awaited, a test that its worker never came back from.
 */
export const countResults = (modules: readonly TestModule[], unhandled: readonly unknown[]): LaneResult => {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const groups = modules.flatMap((module) => [module, ...module.children.allSuites()])
  const named = (state: string): string[] => tests.filter((test) => test.result().state === state).map(nameOf)
  return {
    passed: named('passed').length,
    failed: [
      ...named('failed'),
      ...named('pending').map((name) => `${name} (did not end)`),
      ...groups.filter((group) => group.errors().length > 0).map((group) => `${nameOf(group)} (could not be run)`),
      ...unhandled.map((error) => `${messageOf(error)} (nobody caught it)`),
    ],
    skipped: named('skipped'),
  }
}

const nameOf = (task: TestCase | TestSuite | TestModule): string =>
  task.type === 'module' ? task.relativeModuleId : `${task.module.relativeModuleId} > ${task.fullName}`

/** Errors come from the workers as plain objects, without a prototype. */
const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : JSON.stringify(error)
