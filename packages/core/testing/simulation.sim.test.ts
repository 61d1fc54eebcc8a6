import { describe, expect, it } from 'vitest'
import type { FileState, Outcome, RecordUpdate, UpdateEntry, UpdateId } from '../src/index.ts'
import { createRecorder, createRemoveFile } from '../src/index.ts'
import { anUpdate, client, email, fileName, NOON, newFileId, word } from './builders.ts'
import { createMemoryStore, type MemoryStore } from './memory-store.ts'
import { createSeededWorld } from './seeded-world.ts'

const SEEDS = Number(process.env['PEBBLES_SEEDS'] ?? 10_000)
const OVERTAKING_SEEDS = Math.ceil(SEEDS / 4)
const ORDER_SEEDS = Math.ceil(SEEDS / 4)
const FIRST_SEED = Number(process.env['PEBBLES_FIRST_SEED'] ?? 1)
const PROCESSES = 3
const FILES = ['a.csv', 'b.csv']

interface Delivery {
  readonly command: RecordUpdate
  outcome: Outcome | null
}

/** Three processes report on two files, in any order, with lost answers, repeats, a removal and a killed process. */
const simulate = async (seed: number): Promise<void> => {
  const world = createSeededWorld(seed)
  const { random } = world
  const data = createMemoryStore({ newFileId, step: () => Promise.resolve() })
  const stores = Array.from({ length: PROCESSES }, (_, process) =>
    data.connectWith({ newFileId, step: world.stepOf(process), groupsAtOnce: process + 1 }),
  )
  const recorders = stores.map((store, process) => createRecorder({ store, clock: world.clockOf(process) }))
  const removers = stores.map((store, process) => createRemoveFile({ store, clock: world.clockOf(process) }))
  const deliveries: Delivery[] = []

  const deliver = (command: RecordUpdate, process: number): void => {
    const delivery: Delivery = { command, outcome: null }
    deliveries.push(delivery)
    void recorders[process]?.record([command]).then(([outcome]) => {
      delivery.outcome = outcome ?? null
      // A caller without an answer tries again, elsewhere, under the same id.
      if (outcome?.kind === 'unavailable') deliver(command, (process + 1) % PROCESSES)
    })
  }
  const pick = (): number => Math.floor(random() * PROCESSES)
  const updates = 6 + Math.floor(random() * 10)
  for (let n = 0; n < updates; n += 1) {
    const command = anUpdate({
      id: `u${n}`,
      filename: FILES[n % FILES.length] as string,
      by: random() < 0.2 ? 'eve' : 'ada',
      done: 1 + (n % 3),
      sentAt: NOON + Math.floor(random() * 100),
      ...(random() < 0.1 ? { end: 'succeeded' as const } : {}),
      errors: random() < 0.4 ? [`bad value ${n}`] : [],
    })
    deliver(command, pick())
    if (random() < 0.25) deliver(command, pick())
  }
  if (random() < 0.3) {
    void removers[pick()]?.({
      client: client(),
      filename: fileName(FILES[0]),
      by: email('ada'),
      admin: true,
      id: 'inner:removal' as UpdateId,
    })
  }
  if (random() < 0.3) {
    const victim = pick()
    const at = world.clockOf(victim)
    void at.sleep(random() * 20).then(() => {
      world.kill(victim)
      for (const { command, outcome } of [...deliveries])
        if (outcome === null) deliver(command, (victim + 1) % PROCESSES)
    })
  }
  await world.run()
  await check(data, deliveries)
}

const VISIBILITY_MS = 300

/**
 * A queue without order: the completing update overtakes some that were sent before it, and the process that holds
 * those may be killed. What is not acknowledged in time is delivered again, also while it is still worked on.
 */
const simulateOvertaking = async (seed: number): Promise<void> => {
  const world = createSeededWorld(seed)
  const { random } = world
  const data = createMemoryStore({ newFileId, step: () => Promise.resolve() })
  const recorders = Array.from({ length: PROCESSES }, (_, process) =>
    createRecorder({
      store: data.connectWith({ newFileId, step: world.stepOf(process), groupsAtOnce: process + 1 }),
      clock: world.clockOf(process),
    }),
  )
  const queue = world.clockOf(PROCESSES)
  const count = 6 + Math.floor(random() * 10)
  const last = Math.floor(count * (0.5 + random() / 2))
  const sent: Delivery[] = Array.from({ length: count }, (_, n) => ({
    command: {
      ...anUpdate({
        id: `u${n}`,
        filename: FILES[0] as string,
        done: 1 + (n % 3),
        sentAt: NOON + n,
        ...(n === last ? { end: 'failed' as const } : {}),
      }),
      channel: 'sqs' as const,
    },
    outcome: null,
  }))
  const receive = async (delivery: Delivery, process: number): Promise<void> => {
    void recorders[process]?.record([delivery.command]).then(([outcome]) => {
      if (outcome?.kind !== 'unavailable') delivery.outcome ??= outcome ?? null
    })
    await queue.sleep(VISIBILITY_MS * (0.5 + random()))
    if (delivery.outcome === null) await receive(delivery, (process + 1) % PROCESSES)
  }
  const victim = Math.floor(random() * PROCESSES)
  for (const [n, delivery] of sent.entries()) {
    // What was sent before the end is with the one that dies, more often than not.
    const process = n !== last && random() < 0.6 ? victim : Math.floor(random() * PROCESSES)
    void queue.sleep(random() * (n === last ? 5 : 60)).then(() => receive(delivery, process))
  }
  void queue.sleep(random() * 80).then(() => world.kill(victim))
  await world.run()

  const found = await data.get(client(), fileName(FILES[0]))
  const entries = data.journals().get(found?.state.fileId ?? ('' as never)) ?? []
  const ids = entries.flatMap((entry) => (entry.kind === 'update' ? entry.updates.map(({ id }) => id) : []))
  expect(ids).toHaveLength(new Set(ids).size)
  const due = sent.slice(0, last + 1)
  expect(due.map(({ command }) => ids.includes(command.id))).toEqual(due.map(() => true))
  expect(due.map(({ outcome }) => outcome?.kind === 'applied' || outcome?.kind === 'duplicate')).not.toContain(false)
  for (const { command, outcome } of sent.slice(last + 1))
    expect(ids.includes(command.id)).toBe(outcome?.kind === 'applied' || outcome?.kind === 'duplicate')
  const counted = sent.filter(({ command }) => ids.includes(command.id))
  expect(found?.state.counts.done).toBe(counted.reduce((sum, { command }) => sum + command.counts.done, 0))
  expect(found?.state.completion).toMatchObject({ outcome: 'failed', sentAt: NOON + last })
}

/**
 * A queue with order: what it brings is handed over together, and all that is not sure again until it is, as workers
 * do. Whatever is lost on the way, and however it is cut into groups, each file gets its updates in the order sent.
 */
const simulateOrder = async (seed: number): Promise<void> => {
  const world = createSeededWorld(seed)
  const { random } = world
  const data = createMemoryStore({ newFileId, step: () => Promise.resolve() })
  const store = data.connectWith({ newFileId, step: world.stepOf(0), groupsAtOnce: 1 + Math.floor(random() * 3) })
  const { record } = createRecorder({ store, clock: world.clockOf(0), maxGroupUpdates: 1 + Math.floor(random() * 3) })
  const sent = Array.from({ length: 6 + Math.floor(random() * 10) }, (_, n) =>
    anUpdate({ id: `u${n}`, filename: FILES[Math.floor(random() * 2)] as string, by: random() < 0.3 ? 'eve' : 'ada' }),
  )
  const settled = new Map<RecordUpdate, string>()
  const handOver = async (commands: readonly RecordUpdate[]): Promise<void> => {
    const outcomes = await record(commands)
    const left = commands.filter((_, n) => outcomes[n]?.kind === 'unavailable')
    for (const [n, command] of commands.entries())
      if (!left.includes(command)) settled.set(command, word(outcomes[n] as Outcome))
    if (left.length > 0) await handOver(left)
  }
  void handOver(sent)
  await world.run()

  for (const name of FILES) {
    const its = sent.filter(({ filename }) => filename === name)
    const owners = its.filter(({ email }) => email === its[0]?.email)
    const found = await data.get(client(), fileName(name))
    const entries = data.journals().get(found?.state.fileId ?? ('' as never)) ?? []
    const ids = entries.flatMap((entry) => (entry.kind === 'update' ? entry.updates.map(({ id }) => id) : []))
    expect(ids).toEqual(owners.map(({ id }) => id))
    for (const command of its)
      expect(settled.get(command)).toMatch(owners.includes(command) ? /created|updated|duplicate:present/ : 'NOT_OWNER')
  }
}

const check = async (data: MemoryStore, deliveries: readonly Delivery[]): Promise<void> => {
  const applied = new Map<string, number>()
  for (const [, entries] of data.journals()) {
    const updates = entries.filter((entry): entry is UpdateEntry => entry.kind === 'update')
    expect(entries.map((entry) => entry.version)).toEqual(entries.map((_, index) => index + 1))
    expect(new Set(updates.map((entry) => entry.email)).size).toBeLessThanOrEqual(1)
    expect(updates.filter((entry) => entry.completion !== null).length).toBeLessThanOrEqual(1)
    for (const { id } of updates.flatMap((entry) => entry.updates)) applied.set(id, (applied.get(id) ?? 0) + 1)
  }
  expect([...applied.values()].filter((times) => times > 1)).toEqual([])
  for (const { command, outcome } of deliveries) {
    const said = outcome === null ? 'nothing' : word(outcome)
    if (['created', 'updated', 'duplicate:present', 'duplicate:deleted'].includes(said))
      expect([said, applied.get(command.id)]).toEqual([said, 1])
    // Refusals are not remembered: only an update that was sent once must have left nothing behind by being refused.
    const sentOnce = deliveries.filter((delivery) => delivery.command.id === command.id).length === 1
    if (outcome?.kind === 'refused' && sentOnce) expect([said, applied.get(command.id) ?? 0]).toEqual([said, 0])
  }
  for (const name of FILES) {
    const found = await data.get(client(), fileName(name))
    if (found !== null)
      checkSums(
        found.state,
        data.journals().get(found.state.fileId) ?? [],
        found.tables.error.reduce((sum, row) => sum + row.count, 0),
      )
  }
}

const checkSums = (state: FileState, entries: readonly { readonly kind: string }[], patternSum: number): void => {
  const updates = entries.filter((entry): entry is UpdateEntry => entry.kind === 'update')
  expect(state.counts.done).toBe(updates.reduce((sum, entry) => sum + entry.delta.done, 0))
  expect(state.issues.error.count).toBe(updates.reduce((sum, entry) => sum + entry.issues.error.messages.length, 0))
  expect(patternSum).toBe(state.issues.error.count)
}

const everySeed = async (count: number, run: (seed: number) => Promise<void>): Promise<void> => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + count; seed += 1) {
    await run(seed).catch((error: unknown) => {
      throw new Error(`seed ${seed} fails; again by PEBBLES_FIRST_SEED=${seed} PEBBLES_SEEDS=1`, { cause: error })
    })
  }
}

describe('simulation', { timeout: 240_000 }, () => {
  it(`${SEEDS} seeds: whatever is delayed, reordered, lost or killed, each update counts once`, () =>
    everySeed(SEEDS, simulate))

  it(`${OVERTAKING_SEEDS} seeds: what was sent before the end counts, though it comes after it from a killed process`, () =>
    everySeed(OVERTAKING_SEEDS, simulateOvertaking))

  it(`${ORDER_SEEDS} seeds: what is handed over in order, and again where it is not sure, is applied in order`, () =>
    everySeed(ORDER_SEEDS, simulateOrder))
})
