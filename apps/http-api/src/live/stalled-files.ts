import type { ClientKrn, FileState, ListFilter, ListPosition, ProgressReader } from '@pebbles/core'

export interface StalledFiles {
  /** Tells those of these clients that became stalled after `from`, until `until` (ms), however many they are. */
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

const PAGE = 500
const CLIENTS_AT_ONCE = 4

/** Becoming stalled is no write, and nothing that the feed tells: it is looked for, client by client. */
export const createStalledFiles = ({ reader, stalledAfterMs }: StalledDeps): StalledFiles => {
  const tellAll = async (filter: ListFilter, tell: (state: FileState) => void): Promise<void> => {
    let after: ListPosition | null = null
    do {
      const page: readonly FileState[] = await reader.list(filter, PAGE, after)
      for (const state of page) tell(state)
      after = page.length < PAGE ? null : (page.at(-1) ?? null)
    } while (after !== null)
  }

  return {
    tell: async (clients, from, until, tell) => {
      if (until <= from) return
      const times = { updatedSince: from - stalledAfterMs, stalledBefore: until - stalledAfterMs }
      const left = [...clients]
      const takeTurns = async (): Promise<void> => {
        for (let client = left.pop(); client !== undefined; client = left.pop())
          await tellAll({ client, status: 'stalled', ...times }, tell).catch((error: unknown) => {
            left.length = 0
            throw error
          })
      }
      // Nothing of it goes on when it is over.
      for (const turn of await Promise.allSettled(Array.from({ length: CLIENTS_AT_ONCE }, takeTurns)))
        if (turn.status === 'rejected') throw turn.reason
    },
  }
}
