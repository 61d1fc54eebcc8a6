import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { createRecorder, type Outcome, type RecordUpdate, type RejectedMessage, StoreUnavailable } from '@pebbles/core'
import { client, createMemoryStore, createTestClock, fileName, newFileId } from '@pebbles/core/testing'
import { expect, it, vi } from 'vitest'
import { createIntake, type IntakeDeps } from './create-intake.ts'
import { ATTRIBUTES, type DeadLetter, letterAttributes, rejectedOf, replayHeaders } from './dead-letter.ts'
import { headerBytes, type QueueMessage } from './queue-message.ts'

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

let offset = 0
const aMessage = (facts: object | string | null, headers: Record<string, string> = {}): QueueMessage => {
  offset += 1
  const update = {
    clientKrn: client(),
    email: 'ada@example.com',
    filename: fileName(),
    counts: { done: 1, warn: 0, failed: 0 },
  }
  return {
    origin: {
      channel: 'kafka',
      topic: 't',
      partition: 0,
      offset: String(offset),
      timestamp: '1000',
      headers: new Map(Object.entries(headers)),
    },
    body: facts === null || typeof facts === 'string' ? facts : JSON.stringify({ ...update, ...facts }),
    key: null,
    headers: Object.entries(headers).map(([name, value]) => [name, headerBytes(value)]),
    sentAt: 1_000,
  }
}

const setUp = (facts: Partial<IntakeDeps> = {}) => {
  const clock = createTestClock()
  const store = createMemoryStore({ newFileId })
  const letters: DeadLetter[] = []
  const { record } = createRecorder({ store, clock })
  const intake = createIntake({
    record,
    deadLetters: {
      send: async (given) => {
        letters.push(...given)
        return given.map(() => true)
      },
    },
    rejected: store.rejected,
    ping: async () => undefined,
    clock,
    log: quiet,
    narrowedBy: null,
    ...facts,
  })
  const done = async () => (await store.get(client(), fileName()))?.state.counts.done
  return { intake, store, letters, done, record }
}

it('settles each message, and the refused ones at the dead letters', async () => {
  const { intake, letters, done } = setUp()
  const messages = [aMessage({ updateId: 'u' }), aMessage('{'), aMessage({ email: 'eve@example.com' }), aMessage(null)]
  const settled = await intake.handle([...messages, aMessage({ updateId: 'u' }), aMessage({ updateId: 'u', total: 2 })])
  expect(settled).toEqual(['applied', 'dead', 'dead', 'dead', 'duplicate', 'dead'])
  expect(letters.map(({ code, attempts }) => [code, attempts]).sort()).toEqual([
    ['EMPTY_MESSAGE', 1],
    ['IDEMPOTENCY_KEY_REUSED', 1],
    ['INVALID_BODY', 1],
    ['NOT_OWNER', 1],
  ])
  expect(letters.find(({ code }) => code === 'NOT_OWNER')?.message).toBe(messages[2])
  expect(await done()).toBe(1)
  // The same deliveries again.
  expect(await intake.handle(messages)).toEqual(['duplicate', 'dead', 'dead', 'dead'])
})

it('keeps in the store what the dead letters do not take, one by one or as a whole', async () => {
  const half = setUp({ deadLetters: { send: async (letters) => letters.map((_, index) => index === 0) } })
  expect(await half.intake.handle([aMessage('1'), aMessage('2'), aMessage({})])).toEqual(['dead', 'kept', 'applied'])
  expect((await half.store.rejected.list(9, 0)).map(({ body }) => String(body))).toEqual([String(headerBytes('2'))])
  const away = setUp({ deadLetters: { send: () => Promise.reject(new Error('away')) } })
  expect(await away.intake.handle([aMessage('1'), aMessage('2')])).toEqual(['kept', 'kept'])
  const unset = setUp({ deadLetters: null })
  expect(await unset.intake.handle([aMessage('1')])).toEqual(['kept'])
  expect(unset.intake.gate.isOpen()).toBe(true)
})

it('asks a destination that is away less and less often, says so until it is back, and then gives it all again', async () => {
  let asked = 0
  let away = true
  const passing = { ms: 0 }
  const send = async (letters: readonly DeadLetter[]): Promise<readonly boolean[]> => {
    asked += 1
    if (away) throw new Error('away')
    return letters.map(() => true)
  }
  const warned: string[] = []
  const log = { ...quiet, warn: (_: unknown, text?: string) => void warned.push(text ?? '') }
  const clock = { ...createTestClock(), monotonic: () => passing.ms }
  const { intake } = setUp({ deadLetters: { send }, clock, log })
  for (let second = 0; second < 60; second += 1) {
    passing.ms = second * 1_000
    expect(await intake.handle([aMessage('{')])).toEqual(['kept'])
  }
  expect(asked).toBe(6)
  expect(warned).toEqual([
    'the dead-letter destination is away: refused messages go to the store',
    'messages were refused: `pebbles dlq list` shows them',
  ])
  expect(await intake.deadLetters()).toMatchObject({ ok: false })
  away = false
  passing.ms += 60_000
  expect(await intake.handle([aMessage('{')])).toEqual(['dead'])
  expect(await intake.deadLetters()).toEqual({ ok: true })
})

it('opens when the list is full, though only the destination may be back', async () => {
  let away = true
  const send = async (letters: readonly DeadLetter[]): Promise<readonly boolean[]> => {
    if (away) throw new Error('away')
    return letters.map(() => true)
  }
  const passing = { ms: 0 }
  const clock = { ...createTestClock(), monotonic: () => passing.ms, sleep: () => sleep(1) }
  const { intake } = setUp({ deadLetters: { send }, clock, maxRejectedBytes: 1_000 })
  expect(await intake.handle([aMessage('x'.repeat(600))])).toEqual(['kept'])
  expect(await intake.handle([aMessage('x'.repeat(600))])).toEqual(['away'])
  expect(intake.gate.isOpen()).toBe(false)
  away = false
  passing.ms += 60_000
  await intake.gate.passable()
  expect(await intake.handle([aMessage('x'.repeat(600))])).toEqual(['dead'])
})

it('keeps only the facts of a message that no store takes', async () => {
  const { intake, store } = setUp({ deadLetters: null })
  const vast = 'x'.repeat(9_000_000)
  // Three bytes each, and a field of a document.
  const headers = Array.from({ length: 600_000 }, () => ['h', new Uint8Array()] as const)
  const messages = [aMessage(vast), aMessage('{'), aMessage('{', { vast }), { ...aMessage('{'), headers }]
  expect(await intake.handle(messages)).toEqual(['kept', 'kept', 'kept', 'kept'])
  const kept = await store.rejected.list(9, 0)
  expect(kept.map(({ body, headers }) => [body?.length ?? null, headers.length])).toEqual([
    [null, 0],
    [1, 0],
    [null, 0],
    [null, 0],
  ])
  expect(kept[0]).toMatchObject({
    code: 'INVALID_BODY',
    reason: expect.stringMatching(/^its 9000000 bytes are only where it came from: /),
  })
})

it('keeps of a message that a store does not take the facts, and of the others all', async () => {
  const { store } = setUp()
  const keep = async (messages: readonly RejectedMessage[], maxBytes: number): Promise<'kept' | 'full'> => {
    if (messages.some(({ body }) => body?.length === 2)) throw new TypeError('never')
    return store.rejected.keep(messages, maxBytes)
  }
  const { intake } = setUp({ deadLetters: null, rejected: { ...store.rejected, keep } })
  expect(await intake.handle([aMessage('{'), aMessage('{{'), aMessage('{{{')])).toEqual(['kept', 'kept', 'kept'])
  const kept = await store.rejected.list(9, 0)
  expect(kept.map(({ body }) => body?.length ?? null)).toEqual([1, 3, null])
  expect(intake.gate.isOpen()).toBe(true)
})

it('waits for many messages that a store does not take no longer than for one, and not while it stops', async () => {
  const { store } = setUp()
  const keep = async (messages: readonly RejectedMessage[], maxBytes: number): Promise<'kept' | 'full'> => {
    if (messages.some(({ body }) => body !== null)) throw new TypeError('never')
    return store.rejected.keep(messages, maxBytes)
  }
  let slept = 0
  const sleep = async (ms: number): Promise<void> => {
    slept += ms
  }
  const facts = { deadLetters: null, rejected: { ...store.rejected, keep }, clock: { ...createTestClock(), sleep } }
  const { intake } = setUp(facts)
  const messages = Array.from({ length: 20 }, () => aMessage('{'))
  expect(new Set(await intake.handle(messages))).toEqual(new Set(['kept']))
  expect(slept).toBeLessThan(2_000)
  const { intake: stopped } = setUp(facts)
  stopped.gate.stop()
  slept = 0
  expect(await stopped.handle([aMessage('{')])).toEqual(['away'])
  expect(slept).toBe(0)
})

it('keeps all of a message that a store refuses for a while', async () => {
  const { store } = setUp()
  let refusals = 3
  const keep = async (messages: readonly RejectedMessage[], maxBytes: number): Promise<'kept' | 'full'> => {
    refusals -= 1
    if (refusals >= 0) throw new TypeError('not yet')
    return store.rejected.keep(messages, maxBytes)
  }
  const { intake } = setUp({ deadLetters: null, rejected: { ...store.rejected, keep } })
  expect(await intake.handle([aMessage('{')])).toEqual(['kept'])
  expect(String((await store.rejected.list(1, 0))[0]?.body)).toBe('123')
})

it('shuts when the list is full, and opens when there is room', async () => {
  const { intake, store } = setUp({ deadLetters: null, maxRejectedBytes: 1_000 })
  expect(await intake.handle([aMessage('x'.repeat(500))])).toEqual(['kept'])
  expect(await intake.handle([aMessage('y'.repeat(500))])).toEqual(['away'])
  expect(await intake.state()).toMatchObject({ ok: false, detail: expect.stringContaining('full') })
  const [first] = await store.rejected.list(1, 0)
  await store.rejected.drop([first?.no ?? 0])
  await intake.gate.passable()
  expect(await intake.handle([aMessage('y'.repeat(500))])).toEqual(['kept'])
})

it('shuts at the first failure of the store, asks the store, and opens when it answers', async () => {
  let away = true
  let asked = 0
  const ping = async (): Promise<void> => {
    asked += 1
    if (away) throw new StoreUnavailable('away')
  }
  const { record: healthy } = setUp()
  const record = async (commands: readonly RecordUpdate[]): Promise<readonly Outcome[]> =>
    away ? commands.map(() => ({ kind: 'unavailable', cause: new StoreUnavailable('away') })) : healthy(commands)
  const { intake, letters } = setUp({ record, ping })
  const messages = [aMessage({}), aMessage('{')]
  // What is malformed is malformed, store or not.
  expect(await intake.handle(messages)).toEqual(['away', 'dead'])
  expect(intake.gate.isOpen()).toBe(false)
  await vi.waitFor(() => expect(asked).toBeGreaterThan(1), 5_000)
  expect(intake.gate.isOpen()).toBe(false)
  away = false
  await intake.gate.passable()
  // That it answers is not yet that it takes anything.
  expect(await intake.state()).toMatchObject({ ok: false, detail: expect.stringContaining('nothing was settled') })
  expect(await intake.handle(messages.slice(0, 1))).toEqual(['applied'])
  expect(await intake.state()).toEqual({ ok: true })
  expect(letters).toHaveLength(1)
})

it('stays shut for what only an operator can answer, though the store was away when it came and is back', async () => {
  let away = true
  let asked = 0
  const ping = async (): Promise<void> => {
    asked += 1
    if (away) throw new StoreUnavailable('away')
  }
  const { intake } = setUp({ ping })
  intake.gate.close('STORE_UNAVAILABLE')
  intake.gate.close('TOPIC_RESET')
  await vi.waitFor(() => expect(asked).toBeGreaterThan(1), 5_000)
  expect(await intake.state()).toMatchObject({ detail: expect.stringMatching(/not available; .*KAFKA_ON_RESET/) })
  away = false
  const onlyTheTopic = { detail: expect.stringMatching(/^the topic was recreated/) }
  await vi.waitFor(async () => expect(await intake.state()).toMatchObject(onlyTheTopic), 5_000)
  expect(intake.gate.isOpen()).toBe(false)
  intake.gate.stop()
})

it('opens after the store was away, though the list is nearly full', async () => {
  const { intake, store } = setUp({ deadLetters: null, maxRejectedBytes: 1_000 })
  expect(await intake.handle([aMessage('x'.repeat(600))])).toEqual(['kept'])
  const { bytes } = await store.rejected.size()
  const full = setUp({ rejected: store.rejected, maxRejectedBytes: bytes + 1 })
  full.intake.gate.close('STORE_UNAVAILABLE')
  await full.intake.gate.passable()
  expect(await full.intake.handle([aMessage({})])).toEqual(['applied'])
})

it('puts aside one update that meets a bug, and nothing else', async () => {
  const { record: healthy } = setUp()
  const record = async (commands: readonly RecordUpdate[]): Promise<readonly Outcome[]> => {
    if (commands.some(({ total }) => total === 13)) throw new TypeError('a bug')
    return healthy(commands)
  }
  const { intake, letters } = setUp({ record })
  expect(await intake.handle([aMessage({}), aMessage({ total: 13 }), aMessage({})])).toEqual([
    'applied',
    'dead',
    'applied',
  ])
  expect(letters.map(({ code }) => code)).toEqual(['INTERNAL'])
  const away = setUp({ record, ping: () => Promise.reject(new StoreUnavailable('away')) })
  expect(await away.intake.handle([aMessage({ total: 13 })])).toEqual(['away'])
})

it.for(['is away', 'meets a bug'] as const)(
  'keeps the order of a file while each update goes alone and the first %s',
  async (how) => {
    const { record: healthy } = setUp()
    let ill = 2
    const record = async (commands: readonly RecordUpdate[]): Promise<readonly Outcome[]> => {
      if (commands.length > 1) throw new TypeError('a bug')
      if (commands[0]?.total !== 1 || ill === 0) return healthy(commands)
      ill -= 1
      if (how === 'meets a bug') throw new TypeError('a bug')
      return [{ kind: 'unavailable', cause: new StoreUnavailable('away') }]
    }
    const { intake } = setUp({ record })
    const messages = [aMessage({ total: 1 }), aMessage({ email: 'eve@example.com' }), aMessage({ filename: 'b.csv' })]
    const first = await intake.handle(messages)
    expect(first).toEqual(how === 'is away' ? ['away', 'away', 'applied'] : ['applied', 'dead', 'applied'])
    ill = 0
    const left = messages.slice(0, 2)
    expect(await intake.handle(left)).toEqual([how === 'is away' ? 'applied' : 'duplicate', 'dead'])
    intake.gate.stop()
  },
)

it('never rejects', async () => {
  const { intake } = setUp({
    deadLetters: {
      send: () => {
        throw new RangeError('a bug')
      },
    },
    rejected: {
      keep: () => Promise.reject(new TypeError('a bug')),
      list: async () => [],
      drop: async () => undefined,
      last: async () => 0,
      size: async () => ({ messages: 0, bytes: 0 }),
    },
  })
  expect(await intake.handle([aMessage('{')])).toEqual(['away'])
  intake.gate.stop()
  await intake.gate.passable()
})

it('lets nobody wait when it stops', async () => {
  const { intake } = setUp({ ping: () => Promise.reject(new Error('away')) })
  intake.gate.close('STORE_UNAVAILABLE')
  let passed = false
  void intake.gate.passable().then(() => {
    passed = true
  })
  await setImmediate()
  expect(passed).toBe(false)
  intake.gate.stop()
  await intake.gate.passable()
  expect([passed, intake.gate.isOpen(), intake.gate.isStopped()]).toEqual([true, false, true])
})

it('a letter that is replayed keeps its id and its time, and its attempts count up in place of the old', async () => {
  const { intake, letters } = setUp()
  await intake.handle([aMessage({ email: '' }, { trace: 'kept' })])
  const kept = rejectedOf(letters[0] as DeadLetter)
  expect(kept).toMatchObject({ attempts: 1, sentAt: 1_000, headers: [['trace', headerBytes('kept')]] })
  const again = Object.fromEntries(replayHeaders(kept).map(([name, value]) => [name, Buffer.from(value).toString()]))
  const replayed = { ...aMessage({ email: '' }, again), sentAt: 9_000 }
  await intake.handle([replayed])
  const [first, second] = letters
  expect(second).toMatchObject({ updateId: first?.updateId, attempts: 2, sentAt: 1_000 })
  const attributes = letterAttributes(second as DeadLetter)
  expect(attributes.map(([name]) => name)).toEqual(Object.values(ATTRIBUTES))
  expect(rejectedOf(second as DeadLetter).headers.map(([name]) => name)).toEqual(['trace'])
})

it.each([-1, -8e18, 8e18, Number.NaN])('a message that is stamped with %d was sent when it came', async (sentAt) => {
  const commands: RecordUpdate[] = []
  const { intake, letters } = setUp({
    record: async (given) => {
      commands.push(...given)
      return given.map(() => ({ kind: 'refused', code: 'NOT_OWNER' }))
    },
  })
  const now = createTestClock().now()
  await intake.handle([
    { ...aMessage({}), sentAt },
    { ...aMessage('{'), sentAt },
  ])
  expect(commands.map((command) => command.sentAt)).toEqual([now])
  expect(letters.map((letter) => letter.sentAt)).toEqual([now, now])
})

it('compares when messages were sent by their own stamps, though a clock is ahead of this process', async () => {
  const { intake, done } = setUp()
  const now = createTestClock().now()
  const sent = (facts: object, after: number): QueueMessage => ({ ...aMessage(facts), sentAt: now + after })
  expect(await intake.handle([sent({ isLast: true }, 1_000)])).toEqual(['applied'])
  expect(await intake.handle([sent({}, 500), sent({}, 1_000), sent({}, 1_500)])).toEqual(['applied', 'dead', 'dead'])
  expect(await done()).toBe(2)
})

it.each([
  ['without order', null, 'applied'],
  ['with an order', headerBytes('group'), 'dead'],
] as const)('of a queue %s what was sent with the end, and comes after it, is %s', async (_, key, settled) => {
  const { intake } = setUp()
  const sent = (facts: object, messageId: string): QueueMessage => ({
    ...aMessage(facts),
    origin: { channel: 'sqs', queue: 'q', messageId, attributes: new Map() },
    key,
  })
  expect(await intake.handle([sent({ isLast: true }, 'end'), sent({}, 'other')])).toEqual(['applied', settled])
})

it('an attribute of a letter has at most 256 plain characters', () => {
  const message = aMessage('{')
  const origin = { ...message.origin, topic: `t\u0000${'ü'.repeat(2_000)}` }
  const letter: DeadLetter = {
    message: { ...message, origin },
    updateId: 'derived:x',
    code: 'INVALID_BODY',
    reason: `line\nbreak \u202e${'x'.repeat(100_000)}`,
    at: 0,
    sentAt: 0,
    attempts: 1,
  }
  for (const [, value] of letterAttributes(letter)) expect(value).toMatch(/^[\x20-\x7e]{1,256}$/)
})
