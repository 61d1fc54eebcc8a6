import { systemClock } from '@pebbles/runtime'
import { expect, it } from 'vitest'
import { anUpdate, CLIENT, SQLITE } from '../test/open-test-store.ts'
import { createIntake } from './create-intake.ts'
import type { QueueMessage } from './queue-message.ts'

const stamped = (timestamp: string, offset: number, facts: object | string): QueueMessage => ({
  origin: { channel: 'kafka', topic: 't', partition: 0, offset: String(offset), timestamp, headers: new Map() },
  body: typeof facts === 'string' ? facts : JSON.stringify(anUpdate(facts)),
  ...{ key: null, headers: [], sentAt: Number(timestamp) },
})

it('whatever a message is stamped with, a store can be read afterwards', async () => {
  await using opened = await SQLITE.open()
  const { store, record, done } = opened
  const start = await store.position()
  const intake = createIntake({
    ...{ record, deadLetters: null, rejected: store.rejected, ping: store.ping, clock: systemClock, narrowedBy: null },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  })
  const stamps = ['-8000000000000000000', '-1', '8000000000000000000']
  for (const [n, stamp] of stamps.entries()) {
    const end = { filename: `f${n}.csv`, isLast: true }
    // What came after the end is refused, and kept.
    const given = [stamped(stamp, n, end), stamped(stamp, 10 + n, end), stamped(stamp, 20 + n, '{')]
    expect(await intake.handle(given)).toEqual(['applied', 'kept', 'kept'])
    expect(await done(`f${n}.csv`)).toBe(1)
  }
  expect(await store.list({ client: CLIENT, stalledBefore: 0 }, 9, null)).toHaveLength(3)
  expect((await store.changes(start, 9))?.events).toHaveLength(3)
  expect(await store.rejected.list(9, 0)).toHaveLength(6)
})
