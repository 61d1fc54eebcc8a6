import { Timestamp } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { forgetBefore, markOf, type Place, readPosition, writePosition } from './feed-position.ts'

const STORE = '0123456789abcdef01234567'
const at = (t: number, i = 0): Timestamp => new Timestamp({ t, i })
const placeAfter = (events: number): Place => ({
  at: at(1_000, Math.max(0, events - 1)),
  told: Array.from({ length: events }, (_, n) => ({ at: at(1_000, n), mark: markOf(`f${n}`, 1) })),
})

describe('a position of the feed', () => {
  it.each([0, 1, 5, 32])('after %i events is read back as it was written', (events) => {
    const place = placeAfter(events)
    const read = readPosition(STORE, writePosition(STORE, place))
    expect(read?.at.toString()).toBe(place.at.toString())
    expect(read?.told.map(({ mark }) => mark)).toEqual(place.told.map(({ mark }) => mark))
  })

  it('fits a header however much was told, and keeps the newest', () => {
    const text = writePosition(STORE, placeAfter(5_000))
    expect(text).toMatch(/^[\x21-\x7e]{1,400}$/)
    expect(readPosition(STORE, text)?.told.at(-1)?.mark).toBe(markOf('f4999', 1))
  })

  it('is refused by another store, and when anything was added or cut', () => {
    const text = writePosition(STORE, placeAfter(3))
    expect(readPosition(STORE.replaceAll('0', 'f'), text)).toBeNull()
    for (const changed of [
      `${text}9`,
      text.slice(0, -1),
      text.replace('mongo', 'sqlite'),
      `${text}${'a'.repeat(8)}`,
      '',
    ])
      expect(readPosition(STORE, changed)).toBeNull()
  })
})

describe('what was told', () => {
  it('is remembered for the seconds that are looked at again, and no longer', () => {
    const told = [at(1_000), at(1_001), at(1_001, 5), at(1_003)].map((time, n) => ({ at: time, mark: `${n}` }))
    const place = forgetBefore({ at: at(1_003, 1), told }, 2)
    expect(place.at.toString()).toBe(at(1_003, 1).toString())
    expect(place.told.map(({ mark }) => mark)).toEqual(['2', '3'])
  })
})
