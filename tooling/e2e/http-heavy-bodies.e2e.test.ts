import { describe, expect, it } from 'vitest'
import { eventLoopDelay, LONGEST_DELAY_MS } from './event-loop-delay.ts'
import { type Answer, createCaller, type HttpCaller } from './http-caller.ts'
import { aToken, dataFolder, type HttpProcess, startHttpProcess } from './start-http-process.ts'

const PROGRESS = '/clients/krn:acme:client:prod-001/progress'
const counts = { done: 0, warn: 0, failed: 327_673 }
/** As many issues as 5 MiB hold. */
const HEAVY = { filename: 'heavy.csv', counts, errors: Array.from({ length: 327_673 }, () => ({ message: 'a' })) }
const HEAP_MIB = 256

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

describe('bodies of 5 MiB with 327,673 issues', { timeout: 600_000 }, () => {
  it('four at once on one file are added up exactly, others are served meanwhile, and a repeat is known', async () => {
    await using folder = await dataFolder()
    await using process = await startHttpProcess({
      dataDir: folder.path,
      environment: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` },
    })
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
    await using folder = await dataFolder()
    await using process = await startHttpProcess({
      dataDir: folder.path,
      environment: { NODE_OPTIONS: `--max-old-space-size=${HEAP_MIB}` },
    })
    const token = await aToken()
    const answered = await Promise.all(
      Array.from({ length: 12 }, async (_, n) => {
        using caller = createCaller(process.port)
        const { status } = await caller.call({ path: PROGRESS, token, body: { ...HEAVY, filename: `${n}.csv` } })
        return status
      }),
    )
    // One whose turn does not come in time is told so; nothing of it was stored.
    expect(answered.filter((status) => status !== 200 && status !== 408)).toEqual([])
    using caller = createCaller(process.port)
    expect((await caller.call({ path: `${PROGRESS}/summary` })).json).toMatchObject({
      files: answered.filter((status) => status === 200).length,
    })
  })
})
