import { startStoreKinds, type TestStore } from '@pebbles/intake/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { eventLoopDelay, LONGEST_DELAY_MS } from './event-loop-delay.ts'
import { type Answer, type Call, createCaller, type HttpCaller } from './http-caller.ts'
import { aToken, type HttpProcess, startHttpProcess } from './start-http-process.ts'

const CLIENT = 'krn:acme:client:prod-001'
const PROGRESS = `/clients/${CLIENT}/progress`
const WRITERS = 64
/** Of each writer; fewer on a machine that is busy with other things. */
const UPDATES = Number(process.env['PEBBLES_E2E_UPDATES'] ?? 500)
const FILES = ['a.csv', 'b.csv', 'c.csv', 'd.csv', 'e.csv']
const counts = { done: 3, warn: 2, failed: 1 }
const emailOf = (writer: number): string => `writer-${writer}@example.com`

const stores = await startStoreKinds()
afterAll(() => stores.stop())

const startOn = ({ folder, environment }: TestStore): Promise<HttpProcess> =>
  startHttpProcess({ dataDir: folder, environment })

/** Every writer claims every file at once; resolves with the token of the one who got each. */
const claimAll = async (callers: readonly HttpCaller[]): Promise<Map<string, string>> => {
  const owners = new Map<string, string>()
  const created: string[] = []
  await Promise.all(
    callers.map(async ({ call }, writer) => {
      const token = await aToken({ email: emailOf(writer) })
      for (const filename of FILES) {
        const { status, json } = await call({ path: PROGRESS, token, body: { filename, counts } })
        if (status === 403) expect(json.code).toBe('NOT_OWNER')
        else {
          expect([status, json.result]).toEqual([200, 'created'])
          created.push(filename)
          owners.set(filename, token)
        }
      }
    }),
  )
  expect(created.sort()).toEqual(FILES)
  return owners
}

/** Each writer's updates, one after the other, spread over the files. */
const writeAll = (
  updates: number,
  owners: ReadonlyMap<string, string>,
  send: (writer: number, call: Call) => Promise<Answer>,
): Promise<unknown> =>
  Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      for (let n = 0; n < updates; n += 1) {
        const filename = FILES[(writer + n) % FILES.length] as string
        const answer = await send(writer, {
          path: PROGRESS,
          token: owners.get(filename) as string,
          headers: { 'idempotency-key': `${writer}-${n}` },
          body: { filename, counts },
        })
        if (answer.status !== 200) expect.fail(`update ${writer}-${n}: ${JSON.stringify(answer.json)}`)
      }
    }),
  )

/** The sums of all files by what the process tells, and by the history of each. */
const expectExact = async (process: HttpProcess, written: number): Promise<void> => {
  using caller = createCaller(process.port)
  const get = async (path: string) => (await caller.call({ path })).json
  let updates = 0
  for (const filename of FILES) {
    const record = await get(`${PROGRESS}?filename=${filename}`)
    let told = { updates: 0, done: 0, warn: 0, failed: 0 }
    let path: string | undefined = `${PROGRESS}/history?filename=${filename}&limit=1000`
    while (path !== undefined) {
      const page: Answer = await caller.call({ path })
      for (const row of page.json)
        told = {
          updates: told.updates + row.updates,
          done: told.done + row.counts.done,
          warn: told.warn + row.counts.warn,
          failed: told.failed + row.counts.failed,
        }
      path = /^<http:\/\/[^/]+([^>]+)>/.exec(String(page.headers['link'] ?? ''))?.[1]
    }
    const { updates: applied, ...summed } = told
    expect(record.counts).toEqual(summed)
    expect(record.counts).toEqual({ done: 3 * applied, warn: 2 * applied, failed: applied })
    updates += applied
  }
  expect(updates).toBe(FILES.length + WRITERS * written)
  expect(await get(`${PROGRESS}/summary`)).toMatchObject({ files: FILES.length, counts: { done: 3 * updates } })
}

describe.each(stores.kinds)('two processes on one store, $name', { timeout: 600_000 }, ({ name, open }) => {
  // Of two processes at five hot files on MongoDB each is refused again and again, and looks: they take twice as long.
  const most = name === 'SQLite' ? UPDATES : Math.ceil(UPDATES / 2)

  it('add up what 64 writers report at once, exactly, and one owner has each file', async () => {
    await using scene = await open()
    await using one = await startOn(scene)
    await using two = await startOn(scene)
    const callers = Array.from({ length: WRITERS }, (_, writer) => createCaller((writer % 2 === 0 ? one : two).port))
    const owners = await claimAll(callers)
    await Promise.all([one, two].map(eventLoopDelay))
    await writeAll(most, owners, (writer, call) => (callers[writer] as HttpCaller).call(call))
    // A server that works on the same processors delays them, too.
    if (name === 'SQLite')
      for (const process of [one, two]) expect(await eventLoopDelay(process)).toBeLessThan(LONGEST_DELAY_MS)
    for (const caller of callers) caller[Symbol.dispose]()
    await expectExact(one, most)
    await expectExact(two, most)
  })

  it('lose and double nothing when one is killed in the middle and its callers repeat at the other', async () => {
    const updates = Math.ceil(most / 2)
    await using scene = await open()
    await using killed = await startOn(scene)
    await using survivor = await startOn(scene)
    const callers = Array.from({ length: WRITERS }, (_, n) => createCaller((n % 2 === 0 ? killed : survivor).port))
    const others = Array.from({ length: WRITERS }, () => createCaller(survivor.port))
    const owners = await claimAll(callers)

    let answered = 0
    let repeated = 0
    await writeAll(updates, owners, async (writer, call) => {
      if (answered === Math.floor((WRITERS * updates) / 4)) killed.child.kill('SIGKILL')
      answered += 1
      return (callers[writer] as HttpCaller).call(call).catch(() => {
        repeated += 1
        return (others[writer] as HttpCaller).call(call)
      })
    })
    expect((await killed.ended).how).toBe('SIGKILL')
    expect(repeated).toBeGreaterThanOrEqual(WRITERS / 2)
    for (const caller of [...callers, ...others]) caller[Symbol.dispose]()
    await expectExact(survivor, updates)

    survivor.child.kill('SIGTERM')
    expect((await survivor.ended).how).toBe(0)
    await using restarted = await startOn(scene)
    await expectExact(restarted, updates)
    using caller = createCaller(restarted.port)
    const repeat = await caller.call({
      path: PROGRESS,
      token: owners.get('a.csv') as string,
      headers: { 'idempotency-key': '0-0' },
      body: { filename: 'a.csv', counts },
    })
    expect([repeat.status, repeat.headers['idempotent-replayed']]).toEqual([200, 'true'])
    await expectExact(restarted, updates)
  })

  it('add up exactly when one stands still for a while and the other completes the file meanwhile', async () => {
    await using scene = await open()
    await using sleeper = await startOn(scene)
    await using awake = await startOn(scene)
    const token = await aToken()
    const body = { filename: 'a.csv', counts }
    let applied = 0
    let asleep = false
    /** Until it is told yes or no: a 503 leaves open what became of the update, so it is repeated under its key. */
    const send = async (caller: HttpCaller, key: string, more = {}): Promise<Answer> => {
      for (;;) {
        const headers = { 'idempotency-key': key }
        const answer = await caller.call({ path: PROGRESS, token, headers, body: { ...body, ...more } })
        if (answer.status === 503) continue
        if (answer.status === 200) applied += 1
        else expect([answer.status, answer.json.code]).toEqual([400, 'PROGRESS_COMPLETED'])
        return answer
      }
    }
    const writers = Array.from({ length: 16 }, async (_, writer) => {
      using caller = createCaller(sleeper.port)
      for (let n = 0; (await send(caller, `${writer}-${n}`)).status === 200; n += 1) {
        if (applied < 200 || asleep) continue
        asleep = true
        sleeper.child.kill('SIGSTOP')
      }
    })
    await expect.poll(() => asleep, { timeout: 60_000 }).toBe(true)
    using other = createCaller(awake.port)
    const last = send(other, 'last', { isLast: true })
    // It may be asleep within a transaction: then the other is told so until it wakes.
    await Promise.race([last, other.call({ path: '/ready' })])
    sleeper.child.kill('SIGCONT')
    expect((await last).status).toBe(200)
    await Promise.all(writers)
    for (const process of [sleeper, awake]) {
      using caller = createCaller(process.port)
      const { json } = await caller.call({ path: `${PROGRESS}?filename=a.csv` })
      expect(json).toMatchObject({
        isCompleted: true,
        counts: { done: 3 * applied, warn: 2 * applied, failed: applied },
      })
    }
  })
})
