import { createLogger, systemClock } from '@pebbles/runtime'
import { expect, it } from 'vitest'
import { createPauses } from './backoff.ts'
import { createQueueHealth } from './queue-health.ts'
import { createReceipts } from './receipts.ts'
import { toReceived } from './sqs-message.ts'

it('begins to delete so many at once that what comes meanwhile is looked at in between, and all in the end', async () => {
  const log = createLogger({ name: 'test', level: 'silent' })
  const turns: (() => void)[] = []
  const deleted: string[] = []
  const { remove } = createReceipts({
    client: {
      delete: async (_, receipts) => {
        deleted.push(...receipts)
        return new Map()
      },
      setVisibility: async () => new Map(),
    },
    queueUrl: 'http://localhost/queue',
    health: createQueueHealth('queue', { clock: systemClock, log }),
    pauses: createPauses(systemClock),
    clock: { monotonic: () => 0, random: () => 1, pause: () => new Promise((resolve) => void turns.push(resolve)) },
    log,
    onDeleteFailed: undefined,
  })
  const names = Array.from({ length: 40 }, (_, n) => `r${n}`)
  const removing = Promise.all(
    names.map((ReceiptHandle) => remove([toReceived({ MessageId: 'm', Body: '', ReceiptHandle }, 'queue', 0)])),
  )
  const after: number[] = []
  for (let turn = 0; turn < 3; turn += 1) {
    await systemClock.pause()
    after.push(deleted.length)
    turns.shift()?.()
  }
  await removing
  expect(after).toEqual([16, 32, 40])
  expect(deleted).toEqual(names)
})
