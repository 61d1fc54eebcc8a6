import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Running } from './lifecycle.ts'
import { openProcessStore, type StoreOpeners } from './open-process-store.ts'

const folder = mkdtempSync(join(tmpdir(), 'pebbles-store-'))
const config = { mongoUri: null, dataDir: join(folder, 'new'), legacyClientKrn: 'krn:acme:client:1' }

/** Opens into nothing, and tells what it was asked. */
const aProcess = (purge: () => Promise<number> = async () => 0) => {
  const said: unknown[] = []
  const parts: [name: string, running: Running][] = []
  const closed = vi.fn(async () => undefined)
  const mongo = vi.fn(async (_: unknown) => ({ kind: 'mongo', close: closed }))
  const sqlite = vi.fn(async (_: unknown) => ({ kind: 'sqlite', close: closed, purge }))
  const open = (facts: Partial<typeof config> | { mongoUri: string } = {}) =>
    openProcessStore(
      { mongo, sqlite } as unknown as StoreOpeners<
        { kind: string; close: () => Promise<void> },
        { kind: string; close: () => Promise<void>; purge: (now: number) => Promise<number> }
      >,
      { ...config, ...facts },
      { warn: (...facts: unknown[]) => void said.push(facts) } as never,
      { register: (name, running) => void parts.push([name, running]) },
    )
  return { open, said, parts, closed, mongo, sqlite }
}

describe('the store of a process', () => {
  afterEach(() => {
    vi.useRealTimers()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is the file below DATA_DIR, which is made, and is purged while the process runs', async () => {
    vi.useFakeTimers()
    const purge = vi.fn(async () => 3)
    const { open, parts, closed, sqlite } = aProcess(purge)
    expect(await open()).toMatchObject({ kind: 'sqlite' })
    expect(sqlite.mock.calls[0]?.[0]).toMatchObject({ path: join(config.dataDir, 'pebbles.sqlite') })
    expect(existsSync(config.dataDir)).toBe(true)
    await vi.advanceTimersByTimeAsync(1_200_000)
    expect(purge).toHaveBeenCalledTimes(2)
    expect(parts.map(([name]) => name)).toEqual(['store', 'purge'])
    for (const [, { stop }] of parts.toReversed()) await stop()
    expect(closed).toHaveBeenCalledTimes(1)
  })

  it('says that a purge failed, and purges on', async () => {
    vi.useFakeTimers()
    const err = new Error('disk full')
    const purge = vi.fn(() => Promise.reject(err))
    const { open, said } = aProcess(purge)
    await open()
    await vi.advanceTimersByTimeAsync(1_200_000)
    expect(said).toEqual([
      [{ err }, 'a purge failed; the next goes on'],
      [{ err }, 'a purge failed; the next goes on'],
    ])
  })

  it('is waited for while another process holds the file, and for no other reason', async () => {
    const { open, said, sqlite } = aProcess()
    const busy = Object.assign(new Error('held'), { code: 'STORE_BUSY' })
    sqlite.mockRejectedValueOnce(busy).mockRejectedValueOnce(busy)
    expect(await open()).toMatchObject({ kind: 'sqlite' })
    expect(said).toEqual(Array(2).fill([{ err: busy }, 'the store cannot be opened yet; trying again']))

    const damaged = Object.assign(new Error('damaged'), { code: 'STORE_CORRUPT' })
    sqlite.mockRejectedValueOnce(damaged)
    await expect(open()).rejects.toBe(damaged)
  })

  it('is the MongoDB of MONGO_URI, whose troubles the log hears of', async () => {
    const { open, said, parts, mongo } = aProcess()
    const mongoUri = 'mongodb://localhost/pebbles'
    expect(await open({ mongoUri })).toMatchObject({ kind: 'mongo' })
    const asked = mongo.mock.calls[0]?.[0] as Record<'onSweepError' | 'onShardUnknown', (error: unknown) => void>
    expect(asked).toMatchObject({ uri: mongoUri, legacyClient: 'krn:acme:client:1' })
    asked.onSweepError('why')
    asked.onShardUnknown('unauthorized')
    expect(said).toEqual([
      [{ err: 'why' }, 'a sweep ended early; the next goes on'],
      [{ err: 'unauthorized' }, expect.stringMatching(/may not ask whether the server is a shard/)],
    ])
    expect(parts.map(([name]) => name)).toEqual(['store'])
  })
})
