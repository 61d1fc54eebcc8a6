import { createRequire } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, it } from 'vitest'

interface Queue {
  checkPendingRequests: () => void
  readonly throttleCheckTimeoutId: unknown
  readonly destroy: () => void
}

// Inside the client, where the patch is.
const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as new (
  options: object,
) => Queue

/** @see https://github.com/tulios/kafkajs/issues/1751 */
it('a connection with nothing to send sets no timer', async () => {
  const queue = new RequestQueue({
    maxInFlightRequests: null,
    requestTimeout: 1_000,
    enforceRequestTimeout: false,
    clientId: 'x',
    broker: 'y',
    logger: { debug: () => undefined, warn: () => undefined },
    isConnected: () => true,
  })
  let checks = 0
  const check = queue.checkPendingRequests.bind(queue)
  queue.checkPendingRequests = () => {
    checks += 1
    check()
  }
  queue.checkPendingRequests()
  await delay(50)
  expect([checks, queue.throttleCheckTimeoutId]).toEqual([1, null])
  queue.destroy()
})
