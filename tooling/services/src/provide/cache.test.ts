import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { cached, manifestDigest } from './cache.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pebbles-cache-test-'))
  vi.stubEnv('PEBBLES_CACHE', folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

const write = (text: string) => async (draft: string) => {
  await mkdir(join(draft, 'bin'))
  await writeFile(join(draft, 'bin', 'server'), text)
}
const digestOf = async (text: string): Promise<string> => {
  const sample = await mkdtemp(join(tmpdir(), 'pebbles-cache-test-'))
  await write(text)(sample)
  const digest = await manifestDigest(join(sample, 'bin'))
  await rm(sample, { recursive: true })
  return digest
}

it('fetches once, and gives the same folder afterwards', async () => {
  const fetch = vi.fn(write('a server'))
  const download = { name: 'once', sha256: await digestOf('a server'), pinned: 'bin', fetch }
  const [first, second] = await Promise.all([cached(download), cached(download)])
  expect(first).toBe(second)
  expect(await readFile(join(first, 'bin', 'server'), 'utf8')).toBe('a server')
  expect(fetch).toHaveBeenCalledTimes(1)
})

it('does not use what is not what was pinned, and leaves nothing of it', async () => {
  const download = { name: 'other', sha256: await digestOf('a server'), pinned: 'bin', fetch: write('another server') }
  await expect(cached(download)).rejects.toMatchObject({ code: 'SERVICE_FAILED' })
  expect(await readdir(folder)).toEqual([])
})

it('takes what another process was quicker to fetch', async () => {
  const sha256 = await digestOf('a server')
  const there = join(folder, `race-${sha256.slice(0, 12)}`)
  const fetch = async (draft: string): Promise<void> => {
    await write('a server')(draft)
    await mkdir(there)
    await write('a server')(there)
  }
  expect(await cached({ name: 'race', sha256, pinned: 'bin', fetch })).toBe(there)
  expect(await readdir(folder)).toEqual([`race-${sha256.slice(0, 12)}`])
})

it('tries again after a fetch that failed', async () => {
  const sha256 = await digestOf('a server')
  const away = async (): Promise<void> => {
    throw new Error('no network')
  }
  await expect(cached({ name: 'again', sha256, pinned: 'bin', fetch: away })).rejects.toThrow('no network')
  await cached({ name: 'again', sha256, pinned: 'bin', fetch: write('a server') })
})
