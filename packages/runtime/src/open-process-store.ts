import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ClientKrn, Clock, FileId } from '@pebbles/core'
import { randomFileId, systemClock } from './clock.ts'
import type { Config } from './config/parse-config.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { Logger } from './logger.ts'
import { repeat } from './repeat.ts'

/** How the adapters open; only an app may name them. */
export interface StoreOpeners<M extends Closable, S extends Purged> {
  readonly mongo: (options: SharedOptions & MongoOptions) => Promise<M>
  readonly sqlite: (options: SharedOptions & { readonly path: string }) => Promise<S>
}

interface SharedOptions {
  readonly clock: Clock
  readonly ids: { readonly fileId: () => FileId }
}

interface MongoOptions {
  readonly uri: string
  readonly legacyClient: ClientKrn
  readonly onSweepError: (error: unknown) => void
  readonly onShardUnknown: (error: unknown) => void
}

interface Closable {
  readonly close: () => Promise<void>
}

interface Purged extends Closable {
  readonly purge: (now: number) => Promise<number>
}

/** Forgetting lives that ended 15 days ago is in no hurry; MongoDB does it in its sweeps. */
const PURGE_EVERY_MS = 600_000

const SHARD_UNKNOWN =
  'the database user may not ask whether the server is a shard (shardingState): a MONGO_URI past the mongos is not refused'

/** An attempt on a file that is held takes seconds by itself. */
const TRY_AGAIN_MS = 100

/**
 * Opens the store that the configuration names, for a process that serves: it is looked after while the process runs,
 * the log hears when that fails, and it is closed with the process. Waits, and says so, while another process holds the
 * file; rejects else as the adapter does.
 */
export const openProcessStore = async <M extends Closable, S extends Purged>(
  openers: StoreOpeners<M, S>,
  config: Pick<Config, 'mongoUri' | 'dataDir' | 'legacyClientKrn'>,
  log: Pick<Logger, 'warn'>,
  lifecycle: Pick<Lifecycle, 'register'>,
): Promise<M | S> => {
  const shared = { clock: systemClock, ids: { fileId: randomFileId } }
  if (config.mongoUri !== null) {
    const store = await openers.mongo({
      uri: config.mongoUri,
      ...shared,
      legacyClient: config.legacyClientKrn as ClientKrn,
      onSweepError: (err) => log.warn({ err }, 'a sweep ended early; the next goes on'),
      onShardUnknown: (err) => log.warn({ err }, SHARD_UNKNOWN),
    })
    lifecycle.register('store', { stop: store.close })
    return store
  }
  try {
    mkdirSync(config.dataDir, { recursive: true })
  } catch {
    // The store cannot open its file then, and says so by its name, with the exit code for it.
  }
  const path = join(config.dataDir, 'pebbles.sqlite')
  const store = await whenNobodyHolds(() => openers.sqlite({ path, ...shared }), log)
  lifecycle.register('store', { stop: store.close })
  const warn = (err: unknown): void => log.warn({ err }, 'a purge failed; the next goes on')
  lifecycle.register(
    'purge',
    repeat(PURGE_EVERY_MS, () => store.purge(Date.now()), warn),
  )
  return store
}

/** Told by its code, as the store's package is not known here. */
const whenNobodyHolds = async <S>(open: () => Promise<S>, log: Pick<Logger, 'warn'>): Promise<S> => {
  for (;;) {
    try {
      return await open()
    } catch (err) {
      if (!(err instanceof Error && 'code' in err && err.code === 'STORE_BUSY')) throw err
      log.warn({ err }, 'the store cannot be opened yet; trying again')
    }
    await systemClock.sleep(TRY_AGAIN_MS)
  }
}
