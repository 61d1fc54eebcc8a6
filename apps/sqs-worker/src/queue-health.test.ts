import { createLogger } from '@pebbles/runtime'
import { expect, it } from 'vitest'
import { createQueueHealth } from './queue-health.ts'

const named = Object.assign(new Error('long words'), { name: 'QueueDoesNotExist' })
const ofTheSystem = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' })

it.each([
  ['what SQS calls it', named, 'QueueDoesNotExist'],
  ['what the system calls it', ofTheSystem, 'ECONNREFUSED'],
  ['what is said of it', new Error('Region is missing'), 'Region is missing'],
  ['that there was no answer', new DOMException('no answer in time', 'TimeoutError'), 'TimeoutError'],
])('names a trouble by %s', (_, error, said) => {
  const health = createQueueHealth('queue', createLogger({ name: 'test', level: 'silent' }))
  health.failed('receive', error)
  expect(health.state()).toEqual({ ok: false, detail: `the queue does not answer: receive: ${said}` })
})
