import { anUpdate, client, createTestClock, useCases, word } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import type { CommandStartedEvent } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { createBench } from '../test/bench.ts'

const mongo = await orSkip(startMongo({ topology: 'replica-set' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

const withOptions = (uri: string, options: string): string => `${uri}${uri.includes('?') ? '&' : '?'}${options}`

describe.skipIf(bench === null)('a connection', () => {
  const { open, database } = bench as NonNullable<typeof bench>

  it('writes with majority and journal, and reads majority on the primary, whatever the URI says', async () => {
    const weak = 'w=1&journal=false&readPreference=secondaryPreferred&readConcernLevel=local'
    const seen: CommandStartedEvent[] = []
    await using store = await open(withOptions(await database(), weak), {
      watch: { started: (event) => void seen.push(event) },
    })
    const { record, read } = useCases({ store, clock: createTestClock() })
    expect((await record([anUpdate({ errors: ['trouble'] })])).map(word)).toEqual(['created'])
    await read.list({ client: client() }, 10, null)
    await store.sweep()
    const data = seen.filter(({ commandName }) =>
      ['find', 'insert', 'update', 'delete', 'aggregate'].includes(commandName),
    )
    expect(data.length).toBeGreaterThan(10)
    for (const { commandName, command } of data) {
      if (commandName === 'find' || commandName === 'aggregate')
        expect([commandName, command['readConcern'], command['$readPreference']?.mode ?? 'primary']).toEqual([
          commandName,
          expect.objectContaining({ level: 'majority' }),
          'primary',
        ])
      else
        expect([commandName, command['writeConcern']]).toEqual([
          commandName,
          expect.objectContaining({ w: 'majority', j: true }),
        ])
      expect([commandName, command['maxTimeMS']]).toEqual([commandName, expect.any(Number)])
    }
  })

  it('makes each index once, and leaves those that are there', async () => {
    await using test = await (bench as NonNullable<typeof bench>).subject()
    await test.raw.progress.createIndex({ somebodys: 1 }, { name: 'somebodys' })
    const before = await test.raw.progress.indexes()
    await using _ = await test.connect()
    expect(await test.raw.progress.indexes()).toEqual(before)
    await test.raw.progress.dropIndex('somebodys')
  })

  it('waits for an index as long as it takes', async () => {
    const node = await mongo?.primary()
    const uri = withOptions(await database(), 'socketTimeoutMS=500&appName=slow')
    const data = { failCommands: ['createIndexes'], appName: 'slow', blockConnection: true, blockTimeMS: 1_500 }
    await node?.command({ configureFailPoint: 'failCommand', mode: { times: 2 }, data })
    await using store = await open(uri)
    expect(store.topology).toBe('replica-set')
  })

  it('to a server that does not say whether it is a shard is none', async () => {
    const node = await mongo?.primary()
    const data = { failCommands: ['shardingState'], appName: 'unsaid', errorCode: 91 }
    await node?.command({ configureFailPoint: 'failCommand', mode: { times: 1 }, data })
    await expect(open(withOptions(await database(), 'appName=unsaid'))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
  })

  it.each([
    ['mongodb://', 'URI_INVALID'],
    ['postgres://localhost/pebbles', 'URI_INVALID'],
    ['mongodb://localhost/pebbles?w=0', 'URI_UNACKNOWLEDGED'],
  ])('by %s is refused: %s', async (uri, code) => {
    await expect(open(uri)).rejects.toMatchObject({ code })
  })

  it('to nobody is a store that is away, by the timeout of the URI', async () => {
    const began = performance.now()
    await expect(open('mongodb://127.0.0.1:1/pebbles?serverSelectionTimeoutMS=300')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
    expect(performance.now() - began).toBeLessThan(4_500)
  })

  it('answers a ping, and after its end nothing', async () => {
    const store = await open(await database())
    await store.ping()
    await store.close()
    await store.close()
    await expect(store.ping()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await expect(store.position()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
