import type { Change, OpenRequest, ProgressStore, RecentStates } from '@pebbles/core'
import { type Access, WITHIN_MS } from './access.ts'
import { commitChanges } from './commit-changes.ts'
import { joinCalls } from './join-calls.ts'
import type { LateSnapshots } from './late-snapshots.ts'
import type { LateTables } from './late-tables.ts'
import { openFiles } from './open-files.ts'
import { createReservations } from './reservations.ts'
import type { StoreDeps } from './store-deps.ts'

/** The server works on one while this process parses and answers for the other; with more each has too little in it. */
const GROUPS_AT_ONCE = 2

export const createProgressStore = (
  deps: StoreDeps & {
    readonly access: Access
    readonly recent: RecentStates
    readonly late: LateSnapshots
    readonly tables: LateTables
  },
): ProgressStore => {
  const { access, clock } = deps
  const both = { ...deps, reservations: createReservations(clock) }
  const open = joinCalls({
    run: (requests: readonly OpenRequest[]) => openFiles(both, requests),
    onBug: 'apart',
  })
  const commit = joinCalls({
    run: (changes: readonly Change[]) => commitChanges(both, changes),
    // Not run again: what stands already would be refused as its own duplicate. Whoever made it looks for its ids.
    onBug: { doubtful: 'unknown' },
  })
  return {
    open: (requests, withinMs) =>
      access.call(async () => (requests.length === 0 ? [] : open(requests)), atMost(withinMs)),
    commit: (changes, withinMs) =>
      access.call(async () => (changes.length === 0 ? [] : commit(changes)), atMost(withinMs)),
    groupsAtOnce: GROUPS_AT_ONCE,
  }
}

const atMost = (withinMs = WITHIN_MS): number => Math.min(withinMs, WITHIN_MS)
