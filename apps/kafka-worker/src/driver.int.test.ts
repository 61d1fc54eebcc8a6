import { describeDriver, describeMovedFile, startStoreKinds } from '@pebbles/intake/testing'
import { orSkip, startKafka } from '@pebbles/services'
import { afterAll, describe } from 'vitest'
import { createKafkaBench } from '../test/bench.ts'
import { listDeadLetters, replayDeadLetters } from './handle-dead-letters.ts'

const server = await orSkip(startKafka())
const stores = await startStoreKinds()
afterAll(async () => {
  await stores.stop()
  await server?.stop()
})

describe.skipIf(server === null).each(stores.kinds)('Kafka into $name', (kind) => {
  if (server === null) return
  describeDriver(async () => {
    const bench = await createKafkaBench(server.bootstrap, kind)
    const topic = await bench.topic('updates')
    bench.start(topic)
    return {
      store: bench.store,
      send: (messages) => bench.send(topic, messages),
      waiting: () => bench.lag(topic),
      [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
    }
  })
  describeMovedFile(async () => {
    const bench = await createKafkaBench(server.bootstrap, kind)
    const [topic, dead] = [await bench.topic('updates'), await bench.topic('dead')]
    bench.start(topic, { deadLetterTopic: dead })
    const deps = {
      broker: { brokers: [server.bootstrap], ssl: false, sasl: null },
      ...{ topic, deadLetterTopic: dead, groupId: `group-of-${topic}` },
      ...{ rejected: bench.store.rejected, now: Date.now },
    }
    return {
      store: bench.store,
      send: (messages) => bench.send(topic, messages),
      waiting: () => bench.lag(topic),
      letters: async () => (await listDeadLetters(deps, 100)).rows,
      replay: () => replayDeadLetters(deps),
      [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
    }
  })
})
