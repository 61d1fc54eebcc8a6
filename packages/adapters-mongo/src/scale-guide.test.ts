import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { SHARD_KEYS } from '../test/shard-keys.ts'

it('has the shard keys that the tests of a cluster use', () => {
  const guide = readFileSync(new URL('../../../docs/guides/scale.md', import.meta.url), 'utf8')
  const sharded = [...guide.matchAll(/^sh\.shardCollection\('pebbles\.(\w+)', \{ (.*) \}\)$/gm)]
  const written = SHARD_KEYS.map(([collection, key]) => [
    collection,
    Object.entries(key)
      .map(([field, kind]) => `${field}: ${typeof kind === 'string' ? `'${kind}'` : kind}`)
      .join(', '),
  ])
  expect(sharded.map(([, collection, key]) => [collection, key])).toEqual(written)
})
