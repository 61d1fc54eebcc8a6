import { fileURLToPath } from 'node:url'
import { createRandom } from '@pebbles/core/testing'
import { startStoreKinds, startWorkerProcess, type TestStore, type WorkerProcess } from '@pebbles/intake/testing'
import { orSkip, startKafka } from '@pebbles/services'
import kafkajs, { type Admin, type Kafka } from 'kafkajs'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { expectLetters, type Letter, liveAndDie, planLoad, seedOfRun, wrongSums } from './queue-load.ts'

const MAIN = fileURLToPath(new URL('../../apps/kafka-worker/src/main.ts', import.meta.url))
const FACTS = { messages: 200_000, files: 1_000, repeated: 0.05, malformed: 0.01 }
const PARTITIONS = 4
const WORKERS = 3
const KILLS = 5
const BATCH = 2_000
const [TOPIC, DEAD, GROUP] = ['progress-updates', 'progress-dead', 'pebbles-consumer']
const patience = { timeout: 150_000, interval: 250 }

const server = await orSkip(startKafka())
const stores = await startStoreKinds()
afterAll(async () => {
  await stores.stop()
  await server?.stop()
})

const start = (bench: TestStore, bootstrap: string, topic: string): WorkerProcess =>
  startWorkerProcess(MAIN, bench.folder, {
    ...bench.environment,
    KAFKA_ENABLED: 'true',
    KAFKA_BOOTSTRAP_SERVERS: bootstrap,
    KAFKA_TOPIC_NAME: topic,
    KAFKA_DLQ_TOPIC: `${DEAD}-${topic}`,
    KAFKA_GROUP_ID: `${GROUP}-${topic}`,
  })

// Most of the time the group waits for members that were killed.
describe.skipIf(server === null).each(stores.kinds)('Kafka workers on $name', { concurrent: true }, (kind) => {
  if (server === null) return
  const { name, open } = kind

  it('count exactly, and put aside what is malformed, however often they are killed', {
    timeout: 400_000,
  }, async () => {
    const seed = seedOfRun()
    const random = createRandom(seed + 1)
    const load = planLoad(seed, FACTS)
    const topic = `${TOPIC}-${name}`
    const kafka = new kafkajs.Kafka({ brokers: [server.bootstrap], logLevel: kafkajs.logLevel.NOTHING })
    const [admin, producer] = [
      kafka.admin(),
      kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner }),
    ]
    await Promise.all([admin.connect(), producer.connect()])
    await admin.createTopics({
      topics: [topic, `${DEAD}-${topic}`].map((made) => ({ topic: made, numPartitions: PARTITIONS })),
      waitForLeaders: true,
    })
    await using bench = await open()

    let sent = 0
    const send = async (count: number): Promise<void> => {
      const until = Math.min(load.messages.length, sent + count)
      while (sent < until) {
        const messages = load.messages.slice(sent, Math.min(until, sent + BATCH))
        sent += messages.length
        await producer.send({ topic, messages: messages.map(({ key, body }) => ({ key, value: body })) })
      }
    }
    // Some wait for the first, and each death brings more, so that there is work in every life.
    const share = Math.ceil(load.messages.length / (WORKERS * KILLS + 1))
    await send(share)
    await Promise.all(
      Array.from({ length: WORKERS }, () =>
        liveAndDie({
          start: () => start(bench, server.bootstrap, topic),
          begun: 'joined the group',
          random,
          kills: KILLS,
          lastsMs: 2_000,
          onKilled: () => send(share),
        }),
      ),
    )
    await send(load.messages.length)

    await using staying = start(bench, server.bootstrap, topic)
    {
      await using leaving = start(bench, server.bootstrap, topic)
      await leaving.logged('joined the group')
      leaving.child.kill('SIGTERM')
      expect(await leaving.ended, leaving.said()).toBe(0)
    }
    await vi.waitFor(async () => expect(await lagOf(admin, topic)).toBe(0), patience)
    expect(await wrongSums(bench, load.sums)).toEqual([])
    expectLetters(await lettersOf(kafka, admin, `${DEAD}-${topic}`), load.refused)
    expect(await bench.store.rejected.size()).toMatchObject({ messages: 0 })
    staying.child.kill('SIGTERM')
    expect(await staying.ended, staying.said()).toBe(0)
    await Promise.all([admin.disconnect(), producer.disconnect()])
  })
})

const lagOf = async (admin: Admin, topic: string): Promise<number> => {
  const [ends, [committed]] = await Promise.all([
    admin.fetchTopicOffsets(topic),
    admin.fetchOffsets({ groupId: `${GROUP}-${topic}`, topics: [topic] }),
  ])
  const at = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
  return ends.reduce((sum, { partition, high }) => sum + Number(high) - Math.max(0, at.get(partition) ?? 0), 0)
}

const lettersOf = async (kafka: Kafka, admin: Admin, topic: string): Promise<readonly Letter[]> => {
  const count = (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0)
  const consumer = kafka.consumer({ groupId: `reader-${topic}` })
  const found: Letter[] = []
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    if (count === 0) resolve()
    const eachMessage = async ({ message: { value, headers = {} } }: kafkajs.EachMessagePayload) => {
      found.push({
        body: value?.toString() ?? '',
        code: headers['pebbles-code']?.toString(),
        reason: headers['pebbles-reason']?.toString(),
        updateId: headers['pebbles-update-id']?.toString(),
      })
      if (found.length === count) resolve()
    }
    consumer.run({ eachMessage }).catch(reject)
  })
  await consumer.disconnect()
  return found
}
