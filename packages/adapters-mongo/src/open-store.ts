import { setTimeout as pause } from 'node:timers/promises'
import type {
  ChangeFeed,
  ClientKrn,
  Clock,
  FileId,
  FileMoves,
  ProgressReader,
  ProgressStore,
  RejectedMessages,
} from '@pebbles/core'
import { createRecentStates } from '@pebbles/core'
import { createAccess } from './access.ts'
import { createChangeFeed } from './change-feed.ts'
import { type CommandWatch, type Connection, connect } from './connect.ts'
import { followMarks } from './follow-marks.ts'
import { createLateSnapshots } from './late-snapshots.ts'
import { createLateTables } from './late-tables.ts'
import { createFileMoves } from './move-file.ts'
import { createProgressReader } from './progress-reader.ts'
import { createProgressStore } from './progress-store.ts'
import { createRejectedMessages } from './rejected-messages.ts'
import { createReservations } from './reservations.ts'
import type { StoreDeps } from './store-deps.ts'
import { asUnavailable } from './store-errors.ts'
import { createStreamFeed } from './stream-feed.ts'
import { isSweepDue, SWEEP_EVERY_MS, type Sweep, sweep } from './sweep.ts'

export interface MongoStoreOptions {
  /** With its database. Its timeouts hold, its read and write concerns do not. */
  readonly uri: string
  readonly clock: Clock
  /** Draws 24 lowercase hexadecimal digits, different each time, whoever draws. */
  readonly ids: { readonly fileId: () => FileId }
  /** The client that documents without one belong to. */
  readonly legacyClient: ClientKrn
  /** Sees every command. */
  readonly watch?: CommandWatch
  /** Hears of a sweep that ended early; the next begins where it was. Without it nobody does. */
  readonly onSweepError?: (error: unknown) => void
  /** Hears, while the store opens, that this user may not ask whether the server is a shard, which is refused. */
  readonly onShardUnknown?: (error: unknown) => void
  /** What the time is at the server, ms; it is asked unless this says it. */
  readonly serverTime?: () => Promise<number>
  /** How often this process looks whether a sweep is due, ms: 30,000 unless said, 0 for never. */
  readonly sweepEveryMs?: number
}

/** A store on a MongoDB: a standalone, a replica set or a sharded cluster, for any number of processes. */
export interface MongoStore extends ProgressStore, ProgressReader, ChangeFeed, AsyncDisposable {
  readonly topology: Connection['topology']
  /** Refused messages that no dead-letter destination took. */
  readonly rejected: RejectedMessages
  /** Brings files to another client; by a transaction, so a standalone moves nothing. */
  readonly moves: FileMoves
  /** Resolves when a primary answers; rejects with `StoreUnavailable`. */
  readonly ping: () => Promise<void>
  /** Finishes what any process left half done, now. Every process does so by itself, one at a time. */
  readonly sweep: () => Promise<Sweep>
  /** Every call after it rejects with `StoreUnavailable`, also those in flight. May be called twice. */
  readonly close: () => Promise<void>
}

/**
 * Opens the store and makes its indexes. Rejects with `StoreUnavailable` when no server is there, and with a
 * `MongoSetupError` when this one must not be used as it is configured.
 */
export const openMongoStore = async (options: MongoStoreOptions): Promise<MongoStore> => {
  const { client, collections, topology, storeId } = await connect(options).catch((error: unknown) => {
    throw asUnavailable(error)
  })
  const { clock, ids, legacyClient, serverTime, sweepEveryMs = SWEEP_EVERY_MS, onSweepError } = options
  const access = createAccess()
  const deps: StoreDeps = {
    collections,
    clock,
    newFileId: ids.fileId,
    legacyClient,
    sharded: topology === 'sharded',
    ...(serverTime === undefined ? {} : { serverTime }),
  }
  const recent = createRecentStates(clock)
  const late = createLateSnapshots({ ...deps, isShared: recent.isShared })
  const tables = createLateTables({ ...deps, isShared: recent.isShared })
  const sweeping = startSweeping(deps, sweepEveryMs, onSweepError)
  const close = async (): Promise<void> => {
    access.close()
    sweeping.stop()
    const written = Promise.allSettled([late.stop(), tables.stop()])
    await Promise.race([written, pause(LATE_WITHIN_MS, undefined, { ref: false })])
    await client.close()
  }
  return {
    ...createProgressStore({ ...deps, access, recent, late, tables }),
    ...createProgressReader({ ...deps, access, late }),
    ...followMarks(
      topology === 'replica-set'
        ? createStreamFeed({ ...deps, client, access, storeId })
        : createChangeFeed({ ...deps, access, storeId, topology }),
      { ...deps, late },
    ),
    rejected: createRejectedMessages({ ...deps, access }),
    moves: createFileMoves({
      ...{ ...deps, access, client, topology },
      ...{ reservations: createReservations(clock), recent: createRecentStates(clock) },
    }),
    topology,
    ping: () => access.call(async () => void (await client.db('admin').command({ ping: 1 }))),
    sweep: () => access.call(() => sweep(deps), SWEEP_WITHIN_MS),
    close,
    [Symbol.asyncDispose]: close,
  }
}

const SWEEP_WITHIN_MS = 120_000
/** What a close may take to write what waits; the journal has it, and marks say so. */
const LATE_WITHIN_MS = 2_000

const startSweeping = (
  deps: StoreDeps,
  everyMs: number,
  onError: ((error: unknown) => void) | undefined,
): { readonly stop: () => void } => {
  let stopped = everyMs === 0
  let timer: NodeJS.Timeout | undefined
  const next = (): void => {
    if (stopped) return
    // Not at one moment in all processes, which may have been started at once.
    timer = setTimeout(run, everyMs * (0.9 + deps.clock.random() * 0.2))
    timer.unref()
  }
  const run = async (): Promise<void> => {
    try {
      if (await isSweepDue(deps)) await sweep(deps)
    } catch (error) {
      if (!stopped) onError?.(error)
    }
    next()
  }
  next()
  return {
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}
