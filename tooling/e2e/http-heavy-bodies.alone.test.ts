import { startStoreKinds, type TestStore } from '@pebbles/intake/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { eventLoopDelay, LONGEST_DELAY_MS } from './event-loop-delay.ts'
import { type Answer, createCaller, type HttpCaller } from './http-caller.ts'
import { aToken, type HttpProcess, startHttpProcess } from './start-http-process.ts'

const PROGRESS = '/clients/krn:acme:client:prod-001/progress'
const counts = { done: 0, warn: 0, failed: 327_673 }
/** As many issues as 5 MiB hold. */
const HEAVY = { filename: 'heavy.csv', counts, errors: Array.from({ length: 327_673 }, () => ({ message: 'a' })) }
const HEAP_MIB = 256

const stores = await startStoreKinds()
afterAll(() => stores.stop())

const startSmall = ({ folder, environment }: TestStore): Promise<HttpProcess> =>
  startHttpProcess({
    dataDir: folder,
    environment: { ...environment, NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` },
  })

/** What a process answers to others while it works; ends when the work does. */
const othersMeanwhile = async (process: HttpProcess, work: Promise<unknown>): Promise<number> => {
  using caller = createCaller(process.port)
  const token = await aToken()
  let over = false
  void work.finally(() => {
    over = true
  })
  let served = 0
  for (; !over; served += 1) {
    const body = { filename: 'light.csv', counts: { done: 1, warn: 0, failed: 0 } }
    const answers = [await caller.call({ path: '/health' }), await caller.call({ path: PROGRESS, token, body })]
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
  }
  return served
}

describe.each(stores.kinds)('bodies of 5 MiB with 327,673 issues, $name', { timeout: 600_000 }, ({ open }) => {
  it('four at once on one file are added up exactly, others are served meanwhile, and a repeat is known', async () => {
    await using scene = await open()
    await using process = await startSmall(scene)
    const token = await aToken()
    const callers = Array.from({ length: 4 }, () => createCaller(process.port))
    const send = (caller: HttpCaller, key: number): Promise<Answer> =>
      caller.call({ path: PROGRESS, token, headers: { 'idempotency-key': `heavy-${key}` }, body: HEAVY })
    await eventLoopDelay(process)
    for (const replayed of [undefined, 'true']) {
      const work = Promise.all(callers.map(send))
      const served = await othersMeanwhile(process, work)
      for (const answer of await work) {
        expect([answer.status, answer.headers['idempotent-replayed']]).toEqual([200, replayed])
        expect(answer.json.errors).toMatchObject([{ pattern: 'a' }])
        expect(answer.json.errors[0].lines).toHaveLength(1_000)
      }
      // However slow the machine: a process that is blocked by such bodies serves one or two.
      expect(served).toBeGreaterThan(30)
      expect(await eventLoopDelay(process)).toBeLessThan(LONGEST_DELAY_MS)
    }
    using caller = createCaller(process.port)
    const record = (await caller.call({ path: `${PROGRESS}?filename=heavy.csv` })).json
    expect(record).toMatchObject({
      counts: { done: 0, warn: 0, failed: 4 * counts.failed },
      issueCounts: { errors: 4 * counts.failed, warnings: 0 },
      errors: [{ pattern: 'a', count: 4 * counts.failed }],
      linesTruncated: true,
    })
    for (const one of callers) one[Symbol.dispose]()
  })

  it('twelve at once on as many files do not take more memory than there is', async () => {
    await using scene = await open()
    await using process = await startSmall(scene)
    const token = await aToken()
    const answered = await Promise.all(
      Array.from({ length: 12 }, async (_, n) => {
        using caller = createCaller(process.port)
        const { status } = await caller.call({ path: PROGRESS, token, body: { ...HEAVY, filename: `${n}.csv` } })
        return status
      }),
    )
    // One whose turn does not come in time is told so, and nothing of it was stored; of one for which the store was too
    // slow that is left open.
    const many = (wanted: number): number => answered.filter((status) => status === wanted).length
    expect(answered.filter((status) => ![200, 408, 503].includes(status))).toEqual([])
    using caller = createCaller(process.port)
    const { files } = (await caller.call({ path: `${PROGRESS}/summary` })).json
    expect(files).toBeGreaterThanOrEqual(Math.max(1, many(200)))
    expect(files).toBeLessThanOrEqual(many(200) + many(503))
  })
})
