import { type DeadLetter, headerBytes } from '@pebbles/intake'
import kafkajs, { type Message } from 'kafkajs'
import { expect, it, onTestFinished, vi } from 'vitest'
import { createDeadLetterTopic } from './dead-letter-topic.ts'

it('a letter has all its headers soon, however often one name is there', async () => {
  const kafka = new kafkajs.Kafka({ brokers: ['127.0.0.1:1'] })
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })
  const sent: Message[] = []
  vi.spyOn(producer, 'connect').mockResolvedValue()
  vi.spyOn(producer, 'send').mockImplementation(async ({ messages }) => {
    sent.push(...messages)
    return []
  })
  vi.spyOn(kafka, 'producer').mockReturnValue(producer)
  onTestFinished(() => void vi.restoreAllMocks())
  const letter: DeadLetter = {
    message: {
      origin: { channel: 'kafka', topic: 't', partition: 0, offset: '1', timestamp: '2', headers: new Map() },
      ...{ body: '{', key: null, sentAt: 2 },
      headers: Array.from({ length: 100_000 }, (_, index) => ['same', headerBytes(String(index))] as const),
    },
    ...{ updateId: 'derived:x', code: 'INVALID_BODY', reason: 'r', at: 3, sentAt: 2, attempts: 1 },
  }
  const began = performance.now()
  expect(await createDeadLetterTopic(kafka, 'dead').send([letter])).toEqual([true])
  expect(performance.now() - began).toBeLessThan(5_000)
  const [{ headers = {} } = {}] = sent
  expect([headers['same']?.length, String([headers['same']].flat().at(-1))]).toEqual([100_000, '99999'])
  expect(String(headers['__connect.errors.offset'])).toBe('1')
})
