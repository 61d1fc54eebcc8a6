import { expect, it } from 'vitest'
import { createQueueHealth } from './queue-health.ts'

const named = Object.assign(new Error('long words'), { name: 'QueueDoesNotExist' })
const ofTheSystem = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:443'), { code: 'ECONNREFUSED' })

const setUp = () => {
  const said: string[] = []
  const passing = { ms: 0 }
  const say = (_: unknown, text?: string): void => void said.push(text ?? '')
  const health = createQueueHealth('queue', {
    clock: { monotonic: () => passing.ms },
    log: { info: say, error: say },
  })
  return { health, said, passing }
}
const [AWAY, BACK] = ['the queue does not answer: it is asked again and again', 'the queue answers again']

it('says a trouble once, and once that it is over', () => {
  const { health, said, passing } = setUp()
  for (; passing.ms < 60_000; passing.ms += 1_000) health.failed('receive', named)
  expect(said).toEqual([AWAY])
  health.failed('receive', ofTheSystem)
  health.answered('delete')
  expect(said).toEqual([AWAY, AWAY])
  health.answered('receive')
  health.answered('receive')
  expect([said, health.state()]).toEqual([[AWAY, AWAY, BACK], { ok: true }])
})

it('says now and then of a trouble that comes and goes, and in the end that it stays', () => {
  const { health, said, passing } = setUp()
  for (; passing.ms < 20_000; passing.ms += 10) {
    health.failed('receive', passing.ms % 20 === 0 ? named : ofTheSystem)
    health.answered('receive')
  }
  expect(said).toEqual([AWAY, BACK, AWAY, BACK])
  passing.ms = 19_999
  health.failed('receive', named)
  expect([said.length, health.state()]).toMatchObject([4, { ok: false }])
  passing.ms = 20_000
  health.failed('receive', named)
  expect(said.slice(4)).toEqual([AWAY])
})

it.each([
  ['what SQS calls it', named, 'QueueDoesNotExist'],
  ['what the system calls it', ofTheSystem, 'ECONNREFUSED'],
  ['what is said of it', new Error('Region is missing'), 'Region is missing'],
  ['that there was no answer', new DOMException('no answer in time', 'TimeoutError'), 'TimeoutError'],
])('names a trouble by %s', (_, error, said) => {
  const { health } = setUp()
  health.failed('receive', error)
  expect(health.state()).toEqual({ ok: false, detail: `the queue does not answer: receive: ${said}` })
})
