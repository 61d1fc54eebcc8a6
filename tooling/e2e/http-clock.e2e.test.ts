import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startStoreKinds } from '@pebbles/intake/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { type Answer, createCaller } from './http-caller.ts'
import { aToken, startHttpProcess } from './start-http-process.ts'

const PROGRESS = '/clients/krn:acme:client:prod-001/progress'
const counts = { done: 1, warn: 0, failed: 0 }
const HOUR = 3_600_000
const YEAR = 365 * 24 * HOUR

const stores = await startStoreKinds()
afterAll(() => stores.stop())

describe.each(stores.kinds)('a wall clock that jumps, $name', ({ open }) => {
  it('takes nothing back, forgets no key, and tokens follow it', async () => {
    await using scene = await open()
    const clockFile = join(scene.folder, 'clock')
    await using process = await startHttpProcess({
      dataDir: scene.folder,
      preload: new URL('./move-clock.ts', import.meta.url).href,
      environment: { ...scene.environment, CLOCK_FILE: clockFile },
    })
    using caller = createCaller(process.port)
    const moveTo = async (offset: number): Promise<void> => {
      await writeFile(clockFile, String(offset))
      process.child.kill('SIGUSR2')
      await process.logged(`clock moved by ${offset}`)
    }
    const lasting = await aToken({ exp: Math.floor((Date.now() + 2 * YEAR) / 1000) })
    const brief = await aToken({ exp: Math.floor((Date.now() + HOUR) / 1000) })
    const post = (key: string, filename = 'a.csv', token = lasting): Promise<Answer> =>
      caller.call({ path: PROGRESS, token, headers: { 'idempotency-key': key }, body: { filename, counts } })
    const updatedAt = async (): Promise<string> =>
      (await caller.call({ path: `${PROGRESS}?filename=a.csv` })).json.updatedAt
    const times: string[] = []

    expect((await post('first')).json.result).toBe('created')
    expect((await post('gone', 'gone.csv')).status).toBe(200)
    expect(
      (await caller.call({ method: 'DELETE', path: `${PROGRESS}?filename=gone.csv`, token: lasting })).status,
    ).toBe(204)
    expect((await post('brief', 'a.csv', brief)).status).toBe(200)
    times.push(await updatedAt())

    let expected = 2
    for (const offset of [-HOUR, YEAR, 0]) {
      await moveTo(offset)
      expected += 1
      expect((await post(`at ${offset}`)).json.counts.done).toBe(expected)
      times.push(await updatedAt())
      // A token ends by the wall clock, a remembered one too.
      expect((await post('brief', 'a.csv', brief)).status).toBe(offset > HOUR ? 401 : 200)
      for (const key of ['first', 'brief']) {
        const repeat = await post(key)
        expect([repeat.status, repeat.headers['idempotent-replayed']]).toEqual([200, 'true'])
        expect(repeat.json.counts.done).toBe(expected)
      }
      expect((await post('gone', 'gone.csv')).json).toMatchObject({ result: 'created', deleted: true })
    }
    expect(times).toEqual(times.toSorted())
    const record = (await caller.call({ path: `${PROGRESS}?filename=a.csv` })).json
    expect(record).toMatchObject({ counts: { done: expected }, version: expected })
    const history = (await caller.call({ path: `${PROGRESS}/history?filename=a.csv` })).json
    const at = history.map((row: { at: string }) => row.at)
    expect(at).toEqual(at.toSorted())
    expect(history).toHaveLength(expected)
  })
})
