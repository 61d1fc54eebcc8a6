import { createRequire } from 'node:module'
import { expect, it } from 'vitest'

type Retrier = (attempt: () => Promise<unknown>) => Promise<unknown>
interface Deps {
  readonly logger: object
  readonly cluster: object
  readonly partitioner: (args: { readonly message: { readonly value: string } }) => number
  readonly eosManager: object
  readonly retrier: Retrier
}

// Inside the client, where the patch is.
const createSend = createRequire(import.meta.url)('kafkajs/src/producer/sendMessages.js') as (
  deps: Deps,
) => (batch: object) => Promise<unknown>

it('a message that one broker did not take reaches the one that has its partition then, though that took others', async () => {
  const leaders: Record<string, string> = { 0: 'a', 1: 'b' }
  const taken: string[] = []
  const brokerOf = (nodeId: string) => ({
    nodeId,
    produce: async ({ topicData }: { readonly topicData: readonly TopicData[] }) => {
      const [{ partitions } = { partitions: [] }] = topicData
      if (nodeId === 'b') {
        leaders[1] = 'a'
        throw Object.assign(new Error('killed'), { name: 'KafkaJSConnectionError', retriable: true })
      }
      for (const { messages } of partitions) for (const { value } of messages) taken.push(value)
      return { topics: [] }
    },
  })
  const brokers: Record<string, object> = { a: brokerOf('a'), b: brokerOf('b') }
  const nothing = async (): Promise<void> => undefined
  const send = createSend({
    logger: { debug: () => undefined, error: () => undefined },
    cluster: {
      ...{ addMultipleTargetTopics: nothing, refreshMetadata: nothing, refreshMetadataIfNecessary: nothing },
      isConnected: () => true,
      findTopicPartitionMetadata: () => [{ partitionId: 0 }, { partitionId: 1 }],
      findLeaderForPartitions: (_: string, partitions: readonly string[]) =>
        Object.groupBy(partitions.map(Number), (partition) => leaders[partition] ?? ''),
      findBroker: async ({ nodeId }: { readonly nodeId: string }) => brokers[nodeId],
    },
    partitioner: ({ message }) => Number(message.value),
    eosManager: {
      ...{ acquireBrokerLock: nothing, releaseBrokerLock: nothing, isTransactional: () => false },
      ...{ getSequence: () => 0, updateSequence: () => undefined },
      ...{ getProducerId: () => -1, getProducerEpoch: () => -1 },
    },
    retrier: (attempt) => attempt().catch(attempt),
  })
  await send({ acks: -1, timeout: 1, topicMessages: [{ topic: 't', messages: [{ value: '0' }, { value: '1' }] }] })
  expect(new Set(taken)).toEqual(new Set(['0', '1']))
})

interface TopicData {
  readonly partitions: readonly { readonly messages: readonly { readonly value: string }[] }[]
}
