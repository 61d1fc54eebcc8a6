import type { ClientKrn, ClientSums } from '@pebbles/core'
import { MAX_COUNT, StoreUnavailable } from '@pebbles/core'
import { type Long, MongoServerError } from 'mongodb'
import { CLIENTS } from './across-clients.ts'
import { BOUNDED } from './collections.ts'
import { NO_CLIENT, ofClient } from './names.ts'
import { toTime } from './old-values.ts'
import { toIso } from './snapshots.ts'
import type { StoreDeps } from './store-deps.ts'

/** A sum of halves is exact where one of whole counts would not be: a double has 53 bits. */
const HALF = 2 ** 26
const SUM_MS = 30_000
/** A reservation is no file yet. */
const RESERVED = { version: 0, adopting: { $ne: true } }
/** A roll back took their client away. */
const ofOthers = ({ legacyClient }: StoreDeps) => ({ clientKrn: null, homeClient: { $nin: [null, legacyClient] } })
const COUNTS = ['done', 'warn', 'failed'] as const

interface Sums {
  readonly files: number
  readonly stalled: number
  readonly open: number
  readonly failed: number
  readonly cancelled: number
  readonly lastUpdate: string | null
}

type Halves = Readonly<Record<`${(typeof COUNTS)[number]}${'High' | 'Low'}`, Long | number>>

export const sumFiles = async (deps: StoreDeps, client: ClientKrn, stalledBefore: number): Promise<ClientSums> => {
  const isOpen = { $ne: ['$isCompleted', true] }
  const isStalled = { $and: [isOpen, { $lt: ['$updatedAt', toIso(stalledBefore)] }] }
  const [sums] = await deps.collections.progress
    .aggregate<Sums & Halves>(
      [
        { $match: { clientKrn: ofClient(deps, client), $nor: [RESERVED, ofOthers(deps)] } },
        {
          $group: {
            _id: null,
            files: { $sum: 1 },
            open: { $sum: { $cond: [isOpen, 1, 0] } },
            stalled: { $sum: { $cond: [isStalled, 1, 0] } },
            failed: { $sum: { $cond: [{ $eq: ['$outcome', 'failed'] }, 1, 0] } },
            cancelled: { $sum: { $cond: [{ $eq: ['$outcome', 'cancelled'] }, 1, 0] } },
            lastUpdate: { $max: '$updatedAt' },
            ...Object.fromEntries(
              COUNTS.flatMap((name) => {
                const stored = { $convert: { input: `$counts.${name}`, to: 'long', onError: 0, onNull: 0 } }
                // As records show it.
                const count = { $max: [0, { $min: [stored, MAX_COUNT] }] }
                const low = { $mod: [count, HALF] }
                const high = { $divide: [{ $subtract: [count, low] }, HALF] }
                return [
                  [`${name}Low`, { $sum: low }],
                  [`${name}High`, { $sum: { $toLong: high } }],
                ]
              }),
            ),
          },
        },
      ],
      { maxTimeMS: SUM_MS, hint: await hintOf(deps, client) },
    )
    .toArray()
    .catch((error: unknown) => {
      throw isWithoutIndex(error) ? new StoreUnavailable('the index pebbles_scan is missing', { cause: error }) : error
    })
  if (sums === undefined) return NOTHING
  const exact = (name: (typeof COUNTS)[number]): bigint =>
    BigInt(String(sums[`${name}High`])) * BigInt(HALF) + BigInt(String(sums[`${name}Low`]))
  return {
    files: sums.files,
    running: sums.open - sums.stalled,
    stalled: sums.stalled,
    completed: sums.files - sums.open - sums.failed - sums.cancelled,
    failed: sums.failed,
    cancelled: sums.cancelled,
    counts: { done: exact('done'), warn: exact('warn'), failed: exact('failed') },
    lastUpdate: toTime(sums.lastUpdate),
  }
}

/**
 * A read that is long must not meet a document twice, nor pass it by: so its order is one that updates leave as it is.
 * While documents of the legacy client get their `clientKrn` no index on that has it: they are read where they lie.
 */
const hintOf = async (deps: StoreDeps, client: ClientKrn): Promise<object> => {
  if (client !== deps.legacyClient || deps.sharded) return BY_ID
  const without = await deps.collections.progress.findOne(
    { clientKrn: NO_CLIENT },
    { ...BOUNDED, projection: { _id: 1 } },
  )
  return without === null ? BY_ID : { $natural: 1 }
}

const BY_ID = { clientKrn: 1, _id: 1 }

const BAD_VALUE = 2
/** `migrate down` was run beneath this process, or somebody dropped it. */
const isWithoutIndex = (error: unknown): boolean => error instanceof MongoServerError && error.code === BAD_VALUE

const NOTHING: ClientSums = {
  ...{ files: 0, running: 0, stalled: 0, completed: 0, failed: 0, cancelled: 0 },
  counts: { done: 0n, warn: 0n, failed: 0n },
  lastUpdate: null,
}

export const listClients = async ({
  collections,
  legacyClient,
}: StoreDeps): Promise<readonly { client: ClientKrn; files: number; lastUpdate: number }[]> => {
  const clients = await collections.progress
    .aggregate<{ _id: ClientKrn; files: number; lastUpdate: string | null }>(
      [
        { $match: { $nor: [RESERVED] } },
        {
          $group: {
            _id: { $ifNull: ['$clientKrn', '$homeClient', legacyClient] },
            files: { $sum: 1 },
            lastUpdate: { $max: '$updatedAt' },
          },
        },
      ],
      { maxTimeMS: SUM_MS, comment: CLIENTS },
    )
    .toArray()
  return clients
    .map(({ _id, files, lastUpdate }) => ({ client: _id, files, lastUpdate: toTime(lastUpdate) ?? 0 }))
    .sort((a, b) => b.lastUpdate - a.lastUpdate || (a.client < b.client ? -1 : 1))
}
