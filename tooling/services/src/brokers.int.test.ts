import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { Kafka, logLevel } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { startElasticMq } from './elasticmq.ts'
import { startKafka } from './kafka/start-kafka.ts'
import { orSkip } from './server.ts'

/** A Java server is slow to start where others run, and its jars may have to be fetched first. */
const PATIENT = { timeout: 240_000 }

describe('Kafka', () => {
  it('carries a message, dies, and is back with its log at the same address', PATIENT, async ({ skip }) => {
    const server = await orSkip(startKafka({ faults: true }))
    if (server === null) return skip('no Kafka here')
    await using _ = server
    const kafka = new Kafka({ brokers: [server.bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 10 } })
    const admin = kafka.admin()
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: 'words', numPartitions: 2 }], waitForLeaders: true })
    const producer = kafka.producer()
    await producer.connect()
    await producer.send({ topic: 'words', messages: [{ key: 'k', value: 'pebble' }] })
    await producer.disconnect()
    await admin.disconnect()
    await server.kill()
    await server.restart()
    const consumer = kafka.consumer({ groupId: 'readers' })
    await consumer.connect()
    await consumer.subscribe({ topic: 'words', fromBeginning: true })
    const word = await new Promise<string | undefined>((done, fail) => {
      consumer.run({ eachMessage: async ({ message }) => done(message.value?.toString()) }).catch(fail)
    })
    await consumer.disconnect()
    expect(word).toBe('pebble')
  })
})

describe('ElasticMQ', () => {
  it('carries a message, dies, and is back at the same address, empty', PATIENT, async ({ skip }) => {
    const server = await orSkip(startElasticMq({ faults: true }))
    if (server === null) return skip('no SQS here')
    await using _ = server
    const sqs = new SQSClient({
      endpoint: server.endpoint,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
    })
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'words' }))
    expect(QueueUrl).toContain(server.endpoint)
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'pebble' }))
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2 }))
    expect(Messages.map((message) => message.Body)).toEqual(['pebble'])
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle }))
    await server.kill()
    await server.restart()
    await sqs.send(new CreateQueueCommand({ QueueName: 'words' }))
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages ?? []).toEqual([])
    sqs.destroy()
  })
})
