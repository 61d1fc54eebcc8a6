import type { DatabaseSync } from 'node:sqlite'
import type { ChangeFeed, ClientKrn, Clock, FeedEvent, FileId, FileName } from '@pebbles/core'
import type { Access } from './access.ts'
import { prepareQuery, type Row } from './query.ts'
import { STATE_COLUMNS, toState } from './rows.ts'

/** How often a listening process looks: a look is one row by its key. */
const LOOK_EVERY_MS = 100

/**
 * The feed by the sequence that each commit draws in its transaction: a later number is never seen before an earlier
 * one, as writers take turns. Each file stands in it once, at its newest change.
 */
export const createChangeFeed = ({
  db,
  access,
  clock,
}: {
  readonly db: DatabaseSync
  readonly access: Access
  readonly clock: Clock
}): ChangeFeed => {
  const head = prepareQuery(db, 'SELECT identity, seq, purged FROM meta')
  const changed = prepareQuery(db, `SELECT ${STATE_COLUMNS}, seq FROM progress WHERE seq > ? ORDER BY seq LIMIT ?`)
  const removed = prepareQuery(
    db,
    'SELECT client, filename, file_id, version, seq FROM former WHERE seq > ? ORDER BY seq LIMIT ?',
  )
  const readHead = (): { identity: string; seq: number; purged: number } => {
    const [identity, seq, purged] = head.get() as [string, number, number]
    return { identity, seq, purged }
  }
  const positionAt = (identity: string, seq: number): string => `sqlite-${identity}-${seq}`

  return {
    position: () =>
      access.read(() => {
        const { identity, seq } = readHead()
        return positionAt(identity, seq)
      }),
    changes: (after, limit) =>
      access.read(() => {
        const { identity, seq: newest, purged } = readHead()
        const from = parsePosition(after, identity)
        // Of another store, from after a restored backup, or from before a removal that is forgotten by now.
        if (from === null || from > newest || from < purged) return null
        const changes = changed.all(from, limit).map((row) => ({ row, seq: row.at(-1) as number, gone: false }))
        const removals = removed.all(from, limit).map((row) => ({ row, seq: row.at(-1) as number, gone: true }))
        const rows = [...changes, ...removals].sort((a, b) => a.seq - b.seq)
        const page = rows.slice(0, limit)
        const events = page.map(({ row, seq, gone }): FeedEvent => {
          const position = positionAt(identity, seq)
          return gone ? toRemoval(row, position) : { kind: 'changed', position, state: toState(row) }
        })
        const last = page.at(-1)?.seq ?? from
        return { events, position: positionAt(identity, rows.length < limit ? newest : last) }
      }),
    covers: (a, b) => {
      const [, store, from] = POSITION.exec(a) ?? []
      const to = store === undefined ? null : parsePosition(b, store)
      return to !== null && Number(from) <= to
    },
    awaitChange: async (after, ms) => {
      const started = clock.monotonic()
      while (clock.monotonic() - started < ms) {
        const isNews = await access.read(() => {
          const { identity, seq } = readHead()
          return parsePosition(after, identity) !== seq
        })
        if (isNews) return
        await clock.sleep(LOOK_EVERY_MS)
      }
    },
  }
}

const POSITION = /^sqlite-([0-9a-f]{16})-([0-9]{1,15})$/

const parsePosition = (position: string, identity: string): number | null => {
  const [, of, seq] = POSITION.exec(position) ?? []
  return of === identity ? Number(seq) : null
}

const toRemoval = (row: Row, position: string): FeedEvent => {
  const [client, filename, fileId, version] = row as [ClientKrn, FileName, FileId, number]
  return { kind: 'removed', position, client, filename, fileId, version }
}
