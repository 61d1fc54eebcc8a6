import { readScaleGuide } from '@pebbles/services'
import { expect, it } from 'vitest'
import { KEYS } from '../test/command-guard.ts'

const { shardKeys, indexes } = readScaleGuide()

it('shards by the fields that every write names exactly, and nothing else', () => {
  expect(Object.fromEntries(shardKeys.map(([collection, key]) => [collection, Object.keys(key)]))).toEqual(KEYS)
})

it('has an index made for each hashed key, which no start makes', () => {
  expect(indexes).toEqual(shardKeys.filter(([, key]) => Object.values(key).includes('hashed')))
})
