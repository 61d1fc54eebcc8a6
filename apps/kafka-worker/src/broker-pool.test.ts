import { createRequire } from 'node:module'
import { expect, it } from 'vitest'

interface Pool {
  createBroker: () => object
  readonly connect: () => Promise<void>
}

// Inside the client, where the patch is.
const BrokerPool = createRequire(import.meta.url)('kafkajs/src/cluster/brokerPool.js') as new (options: object) => Pool

it('the first broker to ask is another one when it takes the connection and answers nothing', async () => {
  const quiet = { debug: () => undefined, error: () => undefined, namespace: () => quiet }
  const pool = new BrokerPool({
    connectionPoolBuilder: { build: async () => ({}) },
    logger: quiet,
    retry: { retries: 1, initialRetryTime: 1 },
  })
  let asked = 0
  const hangs = async (): Promise<void> => {
    throw Object.assign(new Error('timed out'), { name: 'KafkaJSRequestTimeoutError', retriable: true })
  }
  pool.createBroker = () => {
    asked += 1
    return {
      isConnected: () => false,
      connect: asked === 1 ? hangs : async () => undefined,
      disconnect: async () => undefined,
    }
  }
  await pool.connect()
  expect(asked).toBe(2)
})
