import type { DatabaseSync } from 'node:sqlite'
import type { ClientKrn, Clock, ProgressReader } from '@pebbles/core'
import type { Access } from './access.ts'
import { joinSum } from './client-totals.ts'
import { prepareQuery } from './query.ts'
import { readInSlices } from './time-slices.ts'

export interface SumClientsDeps {
  readonly db: DatabaseSync
  readonly access: Access
  readonly clock: Clock
}

const LAST_UPDATE = `(SELECT max(latest) FROM (
  SELECT max(updated_at) AS latest FROM progress WHERE client = c.client AND outcome IS NULL
  UNION ALL SELECT max(updated_at) FROM progress WHERE client = c.client AND outcome = 'succeeded'
  UNION ALL SELECT max(updated_at) FROM progress WHERE client = c.client AND outcome = 'failed'
  UNION ALL SELECT max(updated_at) FROM progress WHERE client = c.client AND outcome = 'cancelled'))`

const COUNTED_AT_ONCE = 10_000
const CLIENTS_AT_ONCE = 200

/** Every sum but that of the stalled files is kept with each change; those are counted along an index. */
export const prepareSums = ({ db, access, clock }: SumClientsDeps): ProgressReader['sums'] => {
  const totals = prepareQuery(db, `SELECT c.*, ${LAST_UPDATE} FROM client c WHERE client = ?`)
  const range = 'client = ? AND outcome IS NULL AND updated_at < ? AND (updated_at, file_id) > (?, ?)'
  const edge = prepareQuery(
    db,
    `SELECT updated_at, file_id FROM progress WHERE ${range} ORDER BY updated_at, file_id LIMIT 1 OFFSET ${COUNTED_AT_ONCE - 1}`,
  )
  const rest = prepareQuery(db, `SELECT count(*) FROM progress WHERE ${range}`)

  return async (client, stalledBefore) => {
    let row: readonly unknown[] | undefined
    let stalled = 0
    let at: readonly [number, string] = [-Number.MAX_SAFE_INTEGER, '']
    await readInSlices(access, clock, (isTimeUp) => {
      row ??= totals.get(client)
      while (!isTimeUp()) {
        const next = edge.get(client, stalledBefore, ...at) as unknown as [number, string] | undefined
        if (next === undefined) {
          stalled += rest.get(client, stalledBefore, ...at)?.[0] as number
          return true
        }
        stalled += COUNTED_AT_ONCE
        at = next
      }
      return false
    })
    const [, files, completed, failed, cancelled, ...sums] = (row ?? NOTHING) as [ClientKrn, ...number[]]
    const [doneHigh, doneLow, warnHigh, warnLow, failedHigh, failedLow, lastUpdate] = sums as [
      number,
      number,
      number,
      number,
      number,
      number,
      number | null,
    ]
    const open = (files as number) - (completed as number) - (failed as number) - (cancelled as number)
    return {
      files: files as number,
      // When many are counted, some may have moved on meanwhile.
      running: Math.max(0, open - stalled),
      stalled: Math.min(open, stalled),
      completed: completed as number,
      failed: failed as number,
      cancelled: cancelled as number,
      counts: {
        done: joinSum(doneHigh, doneLow),
        warn: joinSum(warnHigh, warnLow),
        failed: joinSum(failedHigh, failedLow),
      },
      lastUpdate,
    }
  }
}

const NOTHING = ['', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null]

export const prepareClients = ({ db, access, clock }: SumClientsDeps): ProgressReader['clients'] => {
  const page = prepareQuery(
    db,
    `SELECT client, files, ${LAST_UPDATE} FROM client c WHERE client > ? AND files > 0 ORDER BY client LIMIT ${CLIENTS_AT_ONCE}`,
  )
  return async () => {
    const clients: { client: ClientKrn; files: number; lastUpdate: number }[] = []
    await readInSlices(access, clock, (isTimeUp) => {
      while (!isTimeUp()) {
        const rows = page.all(clients.at(-1)?.client ?? '')
        for (const [client, files, lastUpdate] of rows) {
          clients.push({ client: client as ClientKrn, files: files as number, lastUpdate: lastUpdate as number })
        }
        if (rows.length < CLIENTS_AT_ONCE) return true
      }
      return false
    })
    return clients.sort((a, b) => b.lastUpdate - a.lastUpdate || (a.client < b.client ? -1 : 1))
  }
}
