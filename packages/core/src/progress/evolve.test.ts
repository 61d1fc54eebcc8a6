import { describe, expect, it } from 'vitest'
import { anUpdate, client, createMemoryStore, createTestClock, fileName, newFileId } from '../../testing/index.ts'
import { createRecorder } from '../use-cases/record-updates.ts'
import { type Birth, evolve, topPatterns } from './evolve.ts'
import type { FileState } from './file-state.ts'
import type { UpdateEntry } from './journal-entry.ts'

describe('a journal', () => {
  it('adds up to the state, entry by entry, with the most frequent patterns', async () => {
    const store = createMemoryStore({ newFileId })
    const clock = createTestClock()
    const { record } = createRecorder({ store, clock })
    const words = ['amount', 'date', 'country', 'currency', 'weight', 'colour', 'size']
    for (let n = 0; n < 30; n += 1) {
      const trouble = words.slice(0, 1 + (n % words.length)).map((word) => `the ${word} of this row is not known`)
      await record([
        anUpdate({
          done: n,
          errors: trouble,
          warnings: n % 2 === 0 ? ['odd quote'] : [],
          ...(n === 4 ? { total: 500 } : {}),
        }),
        anUpdate({ warn: 1 }),
      ])
      clock.advance(1_000 + n)
    }
    await record([anUpdate({ end: 'failed' })])
    const stored = await store.get(client(), fileName())
    if (stored === null) throw new Error('the file is there')
    const birth: Birth = { client: client(), filename: fileName(), former: [] }
    const entries = (store.journals().get(stored.state.fileId) ?? []).filter(
      (entry): entry is UpdateEntry => entry.kind === 'update',
    )
    const folded = entries.reduce<FileState | Birth>(evolve, birth)
    expect(folded).toEqual(stored.state)
    expect(stored.state.issues.error.top).toEqual(
      topPatterns(
        stored.tables.error
          .filter((row) => row.into === undefined)
          .map(({ no, template, count }) => ({ no, template, count })),
      ),
    )
    expect(stored.state.pace.interval).toBeGreaterThan(1_000)
  })
})
