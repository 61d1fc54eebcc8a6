import { createTestClock, newFileId } from '@pebbles/core/testing'
import { orSkip, readScaleGuide, startMongo } from '@pebbles/services'
import { MongoClient, ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCommandGuard } from '../test/command-guard.ts'
import { LEGACY } from '../test/legacy-client.ts'
import { openCollections } from './collections.ts'
import { inspectMongo } from './inspect.ts'
import { openMongoStore } from './open-store.ts'

const mongo = await orSkip(startMongo({ topology: 'replica-set', accessControl: true }))
afterAll(() => mongo?.stop())

describe.skipIf(mongo === null)('what is told of a MONGO_URI', () => {
  let uri = ''
  const as = (user: string, more = ''): string => `${uri.replace('root:', `${user}:`)}${more}`
  beforeAll(async () => {
    uri = (await mongo?.database('pebbles')) ?? ''
    await using client = new MongoClient(uri)
    const admin = client.db('admin')
    for (const { role, ...rest } of readScaleGuide().roles) await admin.command({ createRole: role, ...rest })
    await admin.command({
      createRole: 'withoutLooks',
      privileges: [
        {
          resource: { db: 'pebbles', collection: '' },
          actions: ['find', 'insert', 'update', 'remove', 'createIndex', 'changeStream'],
        },
      ],
      roles: [],
    })
    const served = Object.values(openCollections(client.db())).flatMap((one) =>
      'collectionName' in one ? [one.collectionName] : [],
    )
    await admin.command({
      createRole: 'byCollection',
      privileges: [
        ...served.map((collection) => ({
          resource: { db: 'pebbles', collection },
          actions: ['find', 'insert', 'update', 'remove', 'createIndex', 'listIndexes', 'dropIndex'],
        })),
        { resource: { db: 'pebbles', collection: '' }, actions: ['find', 'changeStream'] },
      ],
      roles: [],
    })
    for (const [user, roles] of [
      ['full', [{ role: 'readWrite', db: 'pebbles' }]],
      ['least', ['pebblesServing']],
      ['writer', ['withoutLooks']],
      ['single', ['byCollection']],
      ['reader', [{ role: 'read', db: 'pebbles' }]],
      ['elsewhere', [{ role: 'readWrite', db: 'other' }]],
    ] as const)
      await admin.command({ createUser: user, pwd: 'secret', roles })
  })

  it('says which actions the roles of a user lack', async () => {
    expect(await inspectMongo(as('full'))).toEqual({
      ...{ user: 'full@admin', missing: [], missingToMigrate: [], seesShards: false },
      ...{ overridden: [], slow: [], direct: false },
    })
    expect(await inspectMongo(as('least'))).toMatchObject({
      missing: [],
      missingToMigrate: ['dropIndex on pebbles.progress'],
      seesShards: true,
    })
    expect(await inspectMongo(as('single'))).toMatchObject({
      missing: [],
      missingToMigrate: ['insert on pebbles.progress_parked', 'remove on pebbles.progress_parked'],
    })
    const reader = await inspectMongo(as('reader'))
    expect(reader.missing).toContain('insert on pebbles.journal')
    expect(reader.missing.filter((action) => /^(find|changeStream)/.test(action))).toEqual([])
    expect((await inspectMongo(as('writer'))).missing).toEqual(['listIndexes on pebbles.progress'])
    expect((await inspectMongo(as('elsewhere'))).missing).toContain('changeStream on pebbles')
    const asNobody = uri.replace('root:secret@', '').replace('&authSource=admin', '')
    expect(await inspectMongo(asNobody)).toMatchObject({ user: null, missing: [], seesShards: true })
    await expect(inspectMongo(as('nobody'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  it('names options that do not hold, and those that hold and do harm', async () => {
    const more = '&w=1&readpreference=secondary&readConcernLevel=local&connectTimeoutMS=30000&socketTimeoutMS=0'
    expect(await inspectMongo(as('full', `${more}&heartbeatFrequencyMS=500`))).toMatchObject({
      overridden: ['w', 'readConcernLevel', 'readPreference'],
      slow: ['connectTimeoutMS=30000', 'socketTimeoutMS=0'],
    })
    const direct = `${uri.replace('replicaSet=rs', 'directConnection=true')}`
    expect(await inspectMongo(direct)).toMatchObject({ direct: true })
  })

  it('hears at the start of a user who may not ask whether the server is a shard, and refuses it to one who may', async () => {
    const guard = createCommandGuard()
    const heard: unknown[] = []
    const start = async (user: string): Promise<void> => {
      const options = { uri: as(user), clock: createTestClock(), legacyClient: LEGACY, sweepEveryMs: 0, watch: guard }
      const onShardUnknown = (error: unknown): void => void heard.push(error)
      await using _ = await openMongoStore({ ...options, ids: { fileId: newFileId }, onShardUnknown })
    }
    await start('least')
    expect(heard).toEqual([])
    await start('full')
    expect(heard).toEqual([expect.objectContaining({ codeName: 'Unauthorized' })])
    await makeShard(uri)
    await expect(start('least')).rejects.toMatchObject({ code: 'SHARD_ADDRESSED_DIRECTLY' })
    guard.check()
  })
})

/** As `sh.addShard` does it, of a cluster that is not there. */
const makeShard = async (uri: string): Promise<void> => {
  await using client = new MongoClient(uri)
  const identity = { shardName: 's0', clusterId: new ObjectId(), configsvrConnectionString: 'config/127.0.0.1:1' }
  const versions = client.db('admin').collection<{ _id: string }>('system.version')
  await versions.insertOne({ _id: 'shardIdentity', ...identity }, { writeConcern: { w: 'majority' } })
}
