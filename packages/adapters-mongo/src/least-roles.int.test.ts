import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { UpdateId } from '@pebbles/core'
import { anUpdate, client, createTestClock, email, fileName, newFileId, useCases, word } from '@pebbles/core/testing'
import { orSkip, readScaleGuide, startMongo } from '@pebbles/services'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCommandGuard } from '../test/command-guard.ts'
import { drain, nameOf } from '../test/drain-feed.ts'
import { LEGACY } from '../test/legacy-client.ts'
import { makeOldIndexes, plantOldData } from '../test/old-version.ts'
import { openMongoMigration } from './migrate/open-migration.ts'
import { openMongoStore } from './open-store.ts'

const mongo = await orSkip(startMongo({ topology: 'replica-set', accessControl: true }))
const guard = createCommandGuard()
afterAll(async () => {
  await mongo?.stop()
  if (mongo !== null) guard.check()
})

describe.skipIf(mongo === null)('the least role that the guide has for', () => {
  let uri = ''
  const as = (role: string) => {
    const clock = createTestClock()
    return {
      ...{ uri: uri.replace('root:', `${role}:`), clock, legacyClient: LEGACY, watch: guard },
      ...{ ids: { fileId: newFileId }, sweepEveryMs: 0, serverTime: async () => clock.now() },
    }
  }
  beforeAll(async () => {
    uri = (await mongo?.database('pebbles')) ?? ''
    await using root = new MongoClient(uri)
    const admin = root.db('admin')
    for (const { role, ...rest } of readScaleGuide().roles) {
      await admin.command({ createRole: role, ...rest })
      await admin.command({ createUser: role, pwd: 'secret', roles: [role] })
    }
  })

  it('serving lets a process do all that is not migrating', async () => {
    const options = as('pebblesServing')
    await using store = await openMongoStore(options)
    const { record, read, remove } = useCases({ store, clock: options.clock })
    const begin = await store.position()
    const many = Array.from({ length: 1_500 }, (_, n) => `trouble ${n}`)
    expect((await record([anUpdate({ errors: many }), anUpdate({ filename: 'b.csv' })])).map(word)).toEqual([
      'created',
      'created',
    ])
    expect((await read.list({ client: client() }, 10, null)).files).toHaveLength(2)
    expect(await read.sums(client())).toMatchObject({ files: 2 })
    expect(await read.clients()).toMatchObject([{ files: 2 }])
    const errors = { kind: 'error', pattern: null, limit: 10, after: null } as const
    expect((await read.issues(client(), fileName(), errors))?.issues).toHaveLength(10)
    expect((await read.history(client(), fileName(), 10, 0))?.rows).toHaveLength(1)
    const id = (name: string): UpdateId => `inner:${name}`
    const b = { filename: fileName('b.csv'), at: options.clock.now() }
    expect(await store.moves.obstacle()).toBeNull()
    expect(await store.moves.move({ ...b, from: client(), to: client('beta'), id: id('move') })).toMatchObject({
      kind: 'moved',
    })
    const removal = { client: client(), filename: fileName(), by: email('ada'), admin: false, id: id('removal') }
    expect(await remove(removal)).toEqual({ kind: 'removed' })
    const names = (await drain(store, begin)).events.map(nameOf)
    expect(new Set(names)).toEqual(new Set([fileName(), 'b.csv']))

    const letter = { origin: 'queue/1', channel: 'sqs', updateId: 'derived:1', code: 'INVALID_BODY' } as const
    const rest = { reason: 'not JSON', at: 0, sentAt: 0, attempts: 1, body: null, key: null, headers: [] }
    expect(await store.rejected.keep([{ ...letter, ...rest }], 10_000)).toBe('kept')
    const [kept] = await store.rejected.list(10, 0)
    await store.rejected.drop([kept?.no ?? 0])
    expect(await store.rejected.size()).toMatchObject({ messages: 0 })
    options.clock.advance(16 * 86_400_000)
    expect(await store.sweep()).toMatchObject({ healed: 0, purged: 2 })
    await using migration = await openMongoMigration(options)
    expect((await migration.verify({ quick: true })).map(({ code }) => code)).toEqual(['INDEX_MISSING'])
  })

  it('migrating brings a database of the old version here and back', async () => {
    await using root = new MongoClient(uri)
    await plantOldData(root.db(), { seed: 7, count: 60, prototypes: false, secondOwnerEach: 20 })
    await makeOldIndexes(root.db())
    await using migration = await openMongoMigration(as('pebblesMigrating'))
    expect((await migration.plan()).steps).not.toEqual([])
    expect(await migration.up()).toMatchObject({ left: 0 })
    expect(await migration.verify()).toEqual([])
    const restFile = join(tmpdir(), `pebbles-rest-${process.pid}.ndjson`)
    expect(await migration.down({ park: true, restFile })).toMatchObject({ kind: 'done' })
    await rm(restFile, { force: true })
    await migration.up()
    expect(await migration.verify()).toEqual([])
  })
})
