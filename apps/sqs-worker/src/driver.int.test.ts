import { describeDriver, describeMovedFile, startStoreKinds } from '@pebbles/intake/testing'
import { orSkip, startElasticMq } from '@pebbles/services'
import { afterAll, describe } from 'vitest'
import { createSqsBench } from '../test/bench.ts'
import { listDeadLetters, replayDeadLetters } from './handle-dead-letters.ts'

const server = await orSkip(startElasticMq())
const stores = await startStoreKinds()
afterAll(async () => {
  await stores.stop()
  await server?.stop()
})

describe.skipIf(server === null).each(stores.kinds)('SQS into $name', (kind) => {
  if (server === null) return
  describeDriver(async () => {
    const bench = await createSqsBench(server.endpoint, kind)
    const queue = await bench.queue('updates', { FifoQueue: 'true' })
    bench.start(queue)
    return {
      store: bench.store,
      send: (messages) => queue.send(messages, {}, 'one'),
      waiting: queue.left,
      [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
    }
  })
  describeMovedFile(async () => {
    const bench = await createSqsBench(server.endpoint, kind)
    const [queue, dead] = [await bench.queue('updates'), await bench.queue('dead')]
    bench.start(queue, { deadLetterUrl: dead.url })
    const deps = {
      ...{ client: bench.client, queueUrl: queue.url, deadLetterUrl: dead.url },
      ...{ rejected: bench.store.rejected, now: Date.now },
    }
    return {
      store: bench.store,
      send: (messages) => queue.send(messages),
      waiting: queue.left,
      letters: async () => (await listDeadLetters(deps, 100)).rows,
      replay: () => replayDeadLetters(deps),
      [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
    }
  })
})
