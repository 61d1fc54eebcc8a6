import { type Clock, type CommitResult, isStoreUnavailable } from '@pebbles/core'
import type { PackedChange } from './write-changes.ts'

type Commit = (group: readonly PackedChange[]) => Promise<readonly CommitResult[]>

interface Waiting {
  readonly group: readonly PackedChange[]
  readonly settle: (results: readonly CommitResult[]) => void
  readonly fail: (error: unknown) => void
}

/**
 * Groups that are handed over in one turn of the event loop share a transaction, and so its sync: when another process
 * writes the same files, many files are tried again at once, each by itself.
 */
export const shareCommits = (commit: Commit, clock: Clock): Commit => {
  let waiting: Waiting[] = []

  const flush = async (): Promise<void> => {
    await clock.pause()
    const taken = waiting
    waiting = []
    try {
      const results = await commit(taken.flatMap(({ group }) => group))
      let from = 0
      for (const { group, settle } of taken) {
        settle(results.slice(from, from + group.length))
        from += group.length
      }
    } catch (error) {
      // A bug in one group must not be the others' failure.
      const isShared = isStoreUnavailable(error) || taken.length === 1
      for (const { group, settle, fail } of taken) {
        if (isShared) fail(error)
        else await commit(group).then(settle, fail)
      }
    }
  }

  return (group) =>
    new Promise((settle, fail) => {
      waiting.push({ group, settle, fail })
      if (waiting.length === 1) void flush()
    })
}
