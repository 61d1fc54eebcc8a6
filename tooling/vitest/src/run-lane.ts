import { join, relative } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startVitest, type Vitest } from 'vitest/node'
import { countResults, type LaneResult } from './count-results.ts'
import type { Lane } from './lanes.ts'

export interface LaneOptions {
  /** Of the tree, when it is not this one. */
  readonly root?: string | undefined
  /** Writes snapshots anew. */
  readonly update: boolean
}

const CONFIG = join(import.meta.dirname, '..', 'vitest.config.ts')
const CLOSING_MS = 10_000

/** Runs one lane, or what the filters name of it. Always comes back, and with everything that did not pass. */
export const runLane = async (
  { name, limitMinutes }: Lane,
  filters: readonly string[],
  { root, update }: LaneOptions,
): Promise<LaneResult> => {
  let vitest: Vitest | null = null
  const run = startVitest([...filters], {
    config: CONFIG,
    ...(root === undefined ? {} : { root }),
    ...(update ? { update } : {}),
    project: [name],
    run: true,
    watch: false,
    passWithNoTests: true,
    reporters: [
      'default',
      {
        onInit: (started) => {
          vitest = started
        },
      },
    ],
  }).then(() => null)
  const cut = await Promise.race([run, nothingLeftToDo(), after(limitMinutes * 60_000)])
  const result = vitest === null ? NOTHING : await resultOf(vitest, filters, cut)
  const ran = result.passed + result.failed.length + result.skipped.length
  return ran > 0 || filters.length > 0 ? result : { ...NOTHING, failed: ['no test file was found'] }
}

const NOTHING: LaneResult = { passed: 0, failed: [], skipped: [] }

const resultOf = async (vitest: Vitest, filters: readonly string[], cut: string | null): Promise<LaneResult> => {
  const modules = vitest.state.getTestModules()
  const result = countResults(modules, vitest.state.getUnhandledErrors())
  if (cut === null) return result
  const begun = new Set(modules.map(({ moduleId }) => moduleId))
  const never = (await vitest.globTestSpecifications([...filters])).filter(({ moduleId }) => !begun.has(moduleId))
  await Promise.race([vitest.close().catch(() => undefined), delay(CLOSING_MS)])
  const paths = never.map(({ moduleId, project }) => `${relative(project.config.root, moduleId)} (was not run)`)
  return { ...result, failed: [...result.failed, cut, ...paths] }
}

/**
 * A worker that is killed at the wrong moment leaves vitest waiting for something that never comes. Then nothing keeps
 * this process alive, and it would end in silence.
 */
const nothingLeftToDo = (): Promise<string> =>
  new Promise((resolve) => {
    process.once('beforeExit', () => resolve('vitest lost a worker, and did not end'))
  })

const after = (ms: number): Promise<string> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(`not done after ${ms / 60_000} minutes`), ms).unref()
  })
