import type { Config } from '@pebbles/runtime'
import { expect, it } from 'vitest'
import type { Context } from '../context.ts'
import { checkStore } from './check-store.ts'

const inspected = {
  ...{ user: 'pebbles@admin', missing: ['listIndexes on pebbles.progress'], missingToMigrate: [], seesShards: true },
  ...{ overridden: [], slow: [], direct: false },
}

it('a migration that cannot be looked at is told beside what the user lacks', async () => {
  const found = await checkStore({ mongoUri: 'mongodb://localhost/pebbles' } as Config, {
    inspectStore: async () => inspected,
    openStore: (async () => ({
      ping: async () => undefined,
      clients: async () => [],
      [Symbol.asyncDispose]: async () => undefined,
    })) as unknown as Context['openStore'],
    openMigration: (async () => ({
      verify: () => Promise.reject(new Error('not authorized on pebbles')),
      [Symbol.asyncDispose]: async () => undefined,
    })) as unknown as Context['openMigration'],
  })
  expect(found.map(({ status, check }) => `${status} ${check}`)).toEqual([
    'fail database user',
    'ok store',
    'fail migration',
  ])
  expect(found.at(-1)?.message).toContain('not authorized')
})
