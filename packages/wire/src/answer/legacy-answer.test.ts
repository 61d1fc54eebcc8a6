import { createReadPlain, createRecorder } from '@pebbles/core'
import { anUpdate, client, createMemoryStore, createTestClock, email, fileName, newFileId } from '@pebbles/core/testing'
import { expect, it } from 'vitest'
import { legacyAnswerOf, legacyRecordOf } from './legacy-answer.ts'
import { LegacyAnswerSchema, LegacyRecordSchema } from './legacy-schema.ts'

const stalledAfterMs = 600_000

it('a record and an answer are in the old form, with what is new beside', async () => {
  const store = createMemoryStore({ newFileId })
  const clock = createTestClock()
  const plain = createReadPlain({ reader: store, clock, stalledAfterMs })
  const update = anUpdate({
    failed: 2,
    total: 9,
    errors: [
      { line: 7, message: 'bad 7' },
      { line: null, message: 'odd' },
    ],
  })
  const [outcome] = await createRecorder({ store, clock }).record([update])
  const file = await plain.get(client(), fileName())
  if (file === null || outcome?.kind !== 'applied') throw new Error('no file')

  const errors = [{ line: 7, message: 'bad 7' }, { message: 'odd' }]
  const record = legacyRecordOf(file, { now: clock.now(), stalledAfterMs })
  expect(LegacyRecordSchema.strict().parse(record)).toEqual(record)
  expect(record).toMatchObject({ id: file.state.fileId, email: email(), total: 9, errors, warnings: [] })

  const answer = legacyAnswerOf(outcome, update, file)
  expect(LegacyAnswerSchema.strict().parse(answer)).toEqual(answer)
  expect(answer).toEqual({
    ...{ result: 'created', clientKrn: client(), filename: 'orders.csv', total: 9, isCompleted: false },
    ...{ counts: { done: 1, warn: 0, failed: 2 }, errors, warnings: [] },
  })
  expect(legacyAnswerOf(outcome, update, null)).toEqual({ ...answer, linesTruncated: true })
  const gone = { kind: 'duplicate', life: 'deleted', created: true } as const
  expect(legacyAnswerOf(gone, update, null)).toEqual({
    ...{ result: 'created', clientKrn: client(), filename: 'orders.csv', deleted: true },
  })
})
