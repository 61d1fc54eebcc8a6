import type { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'

/**
 * Moves the log into the file from a thread of its own. A checkpoint copies thousands of pages and syncs the file:
 * within a commit, it would stop the event loop for some hundred milliseconds.
 */
export interface Checkpoints {
  /** Called after each commit. */
  readonly committed: () => void
  /** Resolves when the thread has let go of the file. */
  readonly close: () => Promise<void>
}

/** What the thread is told. */
export type CheckpointOrder = 'checkpoint' | 'close'

/** 8 MiB. More often, the same hot pages are copied again and again. */
const PAGES = 4_000
/** A look at the log's length costs some microseconds. */
const LOOK_EVERY_COMMITS = 8

export const createCheckpoints = (db: DatabaseSync, path: string): Checkpoints => {
  const look = db.prepare('PRAGMA wal_checkpoint(NOOP)')
  let commits = 0
  let thread: Worker | undefined
  /** Also when the thread has failed: then SQLite checkpoints within a commit, as its own setting says. */
  let isBusy = false

  const start = (): Worker => {
    // In the published package, the sources were compiled.
    const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
    const started = new Worker(new URL(`checkpoint-thread${extension}`, import.meta.url), { workerData: { path } })
    started.unref()
    started.on('message', () => {
      isBusy = false
    })
    started.once('error', () => undefined)
    return started
  }
  const tell = (order: CheckpointOrder): void => thread?.postMessage(order)

  return {
    committed: () => {
      commits += 1
      if (isBusy || commits % LOOK_EVERY_COMMITS !== 0) return
      const { log, checkpointed } = look.get() as { log: number; checkpointed: number }
      if (log - checkpointed < PAGES) return
      isBusy = true
      thread ??= start()
      tell('checkpoint')
    },
    close: async () => {
      if (thread === undefined || thread.threadId < 0) return
      const ended = new Promise((resolve) => thread?.once('exit', resolve))
      tell('close')
      thread.ref()
      await ended
    },
  }
}
