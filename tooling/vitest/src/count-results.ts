import type { TestCase, TestModule, TestSuite } from 'vitest/node'

export interface LaneResult {
  readonly passed: number
  /** What failed, as it is shown: a test, a file or suite that could not be run, an error that nobody caught. */
  readonly failed: readonly string[]
  readonly skipped: readonly string[]
}

/**
 * Counts what a lane did. Whatever is not a passed test is named, so that nothing can get lost: a file that does not
 * load, a hook that fails, a promise that nobody awaited, a test that its worker never came back from. With each its
 * first reason: of a long log the end may be all that is kept.
 */
export const countResults = (modules: readonly TestModule[], unhandled: readonly unknown[]): LaneResult => {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const groups = modules.flatMap((module) => [module, ...module.children.allSuites()])
  const inState = (state: string): TestCase[] => tests.filter((test) => test.result().state === state)
  return {
    passed: inState('passed').length,
    failed: [
      ...inState('failed').map((test) => `${nameOf(test)}: ${messageOf(test.result().errors?.[0])}`),
      ...inState('pending').map((test) => `${nameOf(test)} (did not end)`),
      ...groups
        .filter((group) => group.errors().length > 0)
        .map((group) => `${nameOf(group)} (could not be run): ${messageOf(group.errors()[0])}`),
      ...unhandled.map((error) => `${messageOf(error)} (nobody caught it)`),
    ],
    skipped: inState('skipped').map(nameOf),
  }
}

const nameOf = (task: TestCase | TestSuite | TestModule): string =>
  task.type === 'module' ? task.relativeModuleId : `${task.module.relativeModuleId} > ${task.fullName}`

const LONGEST = 500

/** On one line. Errors come from the workers as plain objects, without a prototype. */
const messageOf = (error: unknown): string => {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error
  const text = hasMessage ? String(error.message) : (JSON.stringify(error) ?? 'it said nothing')
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}
