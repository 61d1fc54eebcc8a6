import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { it as base, expect } from 'vitest'
import { withLock } from './setup-lock.mjs'

const it = base.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: the form that vitest asks for
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'pebbles-lock-'))
    await use(folder)
    rmSync(folder, { recursive: true, force: true })
  },
})
const hold = (folder: string, holder: object, touched: Date) => {
  mkdirSync(join(folder, 'lock'))
  writeFileSync(join(folder, 'lock', 'holder.json'), JSON.stringify(holder))
  utimesSync(join(folder, 'lock'), touched, touched)
}

it('lets one in at a time, and leaves nothing behind', async ({ folder }) => {
  const log: string[] = []
  const enter = (name: string) =>
    withLock(
      folder,
      async () => {
        log.push(`${name} in`)
        await new Promise((next) => setImmediate(next))
        log.push(`${name} out`)
        return name
      },
      () => undefined,
    )
  expect(await Promise.all([enter('a'), enter('b'), enter('c')])).toEqual(['a', 'b', 'c'])
  for (let at = 0; at < log.length; at += 2) expect(log[at + 1]).toBe(log[at]?.replace(' in', ' out'))
  expect(readdirSync(folder)).toEqual([])
})

it('frees the lock when the work fails', async ({ folder }) => {
  const fail = withLock(
    folder,
    () => Promise.reject(new Error('no')),
    () => undefined,
  )
  await expect(fail).rejects.toThrow('no')
  expect(
    await withLock(
      folder,
      async () => 'in',
      () => undefined,
    ),
  ).toBe('in')
})

it('takes over from a holder elsewhere that has not been heard of for long', async ({ folder }) => {
  hold(folder, { id: 'gone', pid: process.pid, host: `not-${hostname()}` }, new Date(Date.now() - 60_000))
  expect(
    await withLock(
      folder,
      async () => 'in',
      () => undefined,
    ),
  ).toBe('in')
})

it('waits for a holder elsewhere that was heard of just now', async ({ folder }) => {
  hold(folder, { id: 'busy', pid: 1, host: `not-${hostname()}` }, new Date())
  const told = Promise.withResolvers<void>()
  const entered = withLock(folder, async () => 'in', told.resolve)
  await told.promise
  rmSync(join(folder, 'lock'), { recursive: true })
  expect(await entered).toBe('in')
})
