import { freePort } from '@pebbles/services'
import { expect, it } from 'vitest'
import { createClient } from './kafka-client.ts'

it('says once in a while that a broker is away, however often it is tried', async () => {
  const said: string[] = []
  const brokers = [`127.0.0.1:${await freePort()}`]
  const log = {
    debug: () => undefined,
    warn: (facts: object, text?: string) => said.push(JSON.stringify([facts, text])),
  }
  const kafka = createClient({ brokers, ssl: false, sasl: null }, log as never, { retries: 4, initialRetryTime: 1 })
  await Promise.allSettled([kafka.admin().connect(), kafka.producer().connect(), kafka.admin().connect()])
  expect(said.some((line) => line.includes('ECONNREFUSED'))).toBe(true)
  expect(new Set(said).size).toBe(said.length)
})
