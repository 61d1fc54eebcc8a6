import { anUpdate } from '@pebbles/intake/testing'
import { orSkip, startKafka } from '@pebbles/services'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { createKafkaBench } from '../test/bench.ts'
import { createBrokerConsumer } from './broker-consumer.ts'
import { createClient } from './kafka-client.ts'
import { markOf } from './position.ts'
import { SILENT } from './read-letters.ts'

const server = await orSkip(startKafka())
afterAll(() => server?.stop())
const patience = { timeout: 50_000, interval: 50 }
const RECORDS = 5

describe.skipIf(server === null)('a consumer', () => {
  if (server === null) return

  // The client takes errors of these names for the end, and ends without a word, though it is told to go on.
  it.each([TypeError, RangeError, ReferenceError, SyntaxError].map((Bug) => ({ Bug, name: Bug.name })))(
    'outlives a $name of what takes its batches, and gives the same records again',
    async ({ Bug }) => {
      await using bench = await createKafkaBench(server.bootstrap)
      const topic = await bench.topic('updates')
      await bench.send(
        topic,
        Array.from({ length: RECORDS }, () => anUpdate()),
      )
      const groupId = `group-of-${topic}`
      // A broker that nobody asked for a group before takes its time to be ready for one, and ends who joins meanwhile.
      await vi.waitFor(() => bench.admin.describeGroups([groupId]), patience)
      const offered: string[][] = []
      const crashes: unknown[] = []
      const bugs: unknown[] = []
      const consumer = createBrokerConsumer(
        createClient({ brokers: server.bootstrap.split(','), ssl: false, sasl: null }, SILENT),
        { topic, groupId, known: new Map(), stopWithinMs: 10_000 },
        {
          onJoin: () => undefined,
          onRebalance: () => undefined,
          onBatch: async (batch) => {
            offered.push(batch.records.map(({ offset }) => String(offset)))
            if (offered.length === 1) throw new Bug('a bug')
            const last = batch.records.at(-1)
            if (last !== undefined) await batch.commit(markOf(last))
          },
          onUnseen: () => undefined,
          onUndecodable: () => undefined,
          onActivity: () => undefined,
          onCrash: (cause) => crashes.push(cause),
        },
        { warn: () => undefined, error: (facts: unknown) => void bugs.push((facts as { readonly err: unknown }).err) },
      )
      await consumer.start()
      await vi.waitFor(async () => expect([crashes, await bench.lag(topic)]).toEqual([[], 0]), patience)
      const [first = [], ...later] = offered
      expect(first.length).toBeGreaterThan(0)
      expect(later.flat()).toEqual(Array.from({ length: RECORDS }, (_, offset) => `${offset}`))
      expect([crashes, bugs]).toEqual([[], [expect.any(Bug)]])
      await consumer.stop()
    },
  )
})
