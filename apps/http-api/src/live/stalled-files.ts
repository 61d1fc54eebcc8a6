import type { ClientKrn, FileState, ProgressReader } from '@pebbles/core'

export interface StalledFiles {
  /** Those of these clients that became stalled after `from`, until `until` (ms). */
  readonly tell: (
    clients: Iterable<ClientKrn>,
    from: number,
    until: number,
    tell: (state: FileState) => void,
  ) => Promise<void>
}

export interface StalledDeps {
  readonly reader: Pick<ProgressReader, 'list'>
  readonly stalledAfterMs: number
}

const MOST = 1_000

/** Becoming stalled is no write, and nothing that the feed tells: it is looked for. */
export const createStalledFiles = ({ reader, stalledAfterMs }: StalledDeps): StalledFiles => ({
  tell: async (clients, from, until, tell) => {
    if (until <= from) return
    const [updatedSince, stalledBefore] = [from - stalledAfterMs, until - stalledAfterMs]
    for (const client of clients)
      for (const state of await reader.list({ client, status: 'stalled', updatedSince, stalledBefore }, MOST, null))
        tell(state)
  },
})
