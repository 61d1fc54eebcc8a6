import type { FileId } from '@pebbles/core'
import { describe, expect, it } from 'vitest'
import { createReservations } from './reservations.ts'

const ONE = 'one' as FileId
const TWO = 'two' as FileId

describe('a first commit', () => {
  it('is made once on what was handed out, for the owner it was handed out to', () => {
    const reservations = createReservations({ monotonic: () => 0 })
    expect(reservations.mayCommit('name', ONE, 'ada')).toBe('unknown')
    reservations.handOut('name', ONE, 'ada')
    expect(reservations.mayCommit('name', ONE, 'ada')).toBe('yes')
    expect(reservations.mayCommit('name', ONE, 'ada')).toBe('unknown')
  })

  it('of another owner has the name reserved for that one, until it is made', () => {
    const reservations = createReservations({ monotonic: () => 0 })
    reservations.handOut('name', ONE, 'ada')
    expect(reservations.mayCommit('name', ONE, 'eve')).toBe('another owner')
    expect(reservations.ownerOf('name', 'ada')).toBe('eve')
    reservations.handOut('name', TWO, 'eve')
    expect(reservations.mayCommit('name', TWO, 'eve')).toBe('yes')
    expect(reservations.ownerOf('name', 'ada')).toBe('ada')
  })
})

describe('a reservation of another in the way', () => {
  it('is given its time, twice as long with each that was ended', () => {
    let now = 0
    const { isOver } = createReservations({ monotonic: () => now })
    expect(isOver('name', ONE)).toBe(false)
    now = 99
    expect(isOver('name', ONE)).toBe(false)
    now = 100
    expect(isOver('name', ONE)).toBe(true)
    expect(isOver('name', TWO)).toBe(false)
    now = 250
    expect(isOver('name', TWO)).toBe(false)
    now = 300
    expect(isOver('name', TWO)).toBe(true)
  })
})
