import { MongoClient } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { orSkip } from '../server.ts'
import { type Mongo, type MongoTopology, startMongo } from './start-mongo.ts'

const TOPOLOGIES: readonly MongoTopology[] = ['standalone', 'replica-set', 'replica-set-3', 'sharded']

describe.each(TOPOLOGIES)('MongoDB, %s', (topology) => {
  it('starts, answers, dies, and is back with its data at the same address', async ({ skip }) => {
    const mongo = await orSkip(startMongo({ topology, faults: true }))
    if (mongo === null) return skip('no MongoDB here')
    await using _ = mongo
    const uri = await mongo.database('things')
    const before = await withClient(uri, async (client) => {
      await client
        .db()
        .collection('kept')
        .insertOne({ word: 'pebble' }, { writeConcern: { w: 'majority' } })
      return client.db().admin().command({ hello: 1 })
    })
    expect(shapeOf(before)).toBe(topology)
    await mongo.kill()
    await expect(withClient(uri, (client) => client.db().admin().command({ hello: 1 }), 500)).rejects.toThrow()
    await mongo.restart()
    const found = await withClient(uri, (client) => client.db().collection('kept').findOne({ word: 'pebble' }))
    expect(found).toMatchObject({ word: 'pebble' })
    expect((await mongo.primary()).logs()).not.toBe('')
  })
})

describe('a MongoDB of one node', () => {
  it('that is paused answers nothing until it is resumed', async ({ skip }) => {
    const mongo = await orSkip(startMongo({ topology: 'standalone', faults: true }))
    if (mongo === null) return skip('no MongoDB here')
    await using _ = mongo
    await mongo.pause()
    await expect(withClient(mongo.uri, ping, 500)).rejects.toThrow()
    await mongo.resume()
    await withClient(mongo.uri, ping)
  })

  it('takes fail points', async ({ skip }) => {
    const mongo = await orSkip(startMongo({ topology: 'standalone', faults: true }))
    if (mongo === null) return skip('no MongoDB here')
    await using _ = mongo
    const node = await mongo.primary()
    await node.command({
      configureFailPoint: 'failCommand',
      mode: { times: 1 },
      data: { failCommands: ['ping'], errorCode: 91 },
    })
    await expect(withClient(mongo.uri, ping)).rejects.toMatchObject({ code: 91 })
    await withClient(mongo.uri, ping)
  })
})

describe('a sharded MongoDB', () => {
  it('sends what names the shard key to one shard, also after the chunk has moved', async ({ skip }) => {
    const mongo = await orSkip(startMongo({ topology: 'sharded' }))
    if (mongo === null) return skip('no MongoDB here')
    await using _ = mongo
    const { cluster } = mongo
    if (cluster === null) throw new Error('a cluster has a cluster')
    const uri = await mongo.database('things')
    await cluster.shard('things', 'words', { word: 1 })
    await withClient(uri, async (client) => {
      const words = client.db().collection<{ word: string }>('words')
      await words.insertMany([{ word: 'alpha' }, { word: 'omega' }])
      const look = () => words.findOne({ word: 'omega' })
      expect(await cluster.shardsHit('things', 'words', look)).toEqual(['s0'])
      await cluster.move('things', 'words', { word: 'm' }, 's1')
      expect(await cluster.shardsHit('things', 'words', look)).toEqual(['s1'])
      expect(await look()).toMatchObject({ word: 'omega' })
      expect(await words.find().toArray()).toHaveLength(2)
      expect((await cluster.chunks('things', 'words')).length).toBeGreaterThan(1)
      await expect(words.countDocuments()).resolves.toBe(2)
      await expect(words.distinct('word')).rejects.toMatchObject({ code: 59 })
    })
  })
})

const ping = (client: MongoClient) => client.db('admin').command({ ping: 1 })

const withClient = async <T>(uri: string, work: (client: MongoClient) => Promise<T>, patience = 20_000): Promise<T> => {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: patience, socketTimeoutMS: patience })
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

const shapeOf = (hello: Record<string, unknown>): Mongo['topology'] => {
  if (hello['msg'] === 'isdbgrid') return 'sharded'
  if (!Array.isArray(hello['hosts'])) return 'standalone'
  return hello['hosts'].length === 1 ? 'replica-set' : 'replica-set-3'
}
