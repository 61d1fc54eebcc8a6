import { type Cluster, type Mongo, orSkip, readScaleGuide, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it } from 'vitest'
import { type Answer, createCaller, type HttpCaller } from './http-caller.ts'
import { appliedTo, type Load, sendUpdate, startLoad } from './keyed-load.ts'
import { aToken, dataFolder, failedStart, startHttpProcess } from './start-http-process.ts'

const mongo = await orSkip(startMongo({ topology: 'sharded' }))
const DATABASE = 'pebbles'
const CLIENTS = Array.from({ length: 4 }, (_, n) => `krn:acme:tenant:${n}`)
const FILES = Array.from({ length: 12 }, (_, n) => ({ client: CLIENTS[n % 4] as string, filename: `f${n}.csv` }))
const MOVES = 12

afterAll(() => mongo?.stop())

describe.skipIf(mongo === null)('two processes on a cluster of two shards', { timeout: 240_000 }, () => {
  it('stay exact in sums, issues, history and lists while chunks move and updates come twice at once', async () => {
    const { cluster, database } = mongo as Mongo & { readonly cluster: Cluster }
    const MONGO_URI = await database(DATABASE)
    for (const [collection, key] of readScaleGuide().shardKeys) await cluster.shard(DATABASE, collection, key)
    await using folder = await dataFolder()
    await using one = await startHttpProcess({ dataDir: folder.path, environment: { MONGO_URI } })
    await using two = await startHttpProcess({ dataDir: folder.path, environment: { MONGO_URI } })
    const token = await aToken()
    const ports = [one.port, two.port]

    const load = startLoad({
      ...{ ports, token },
      place: (n) => FILES[n % FILES.length] as (typeof FILES)[number],
      isSentTwice: (n) => n % 20 === 0,
    })
    await load.serves()
    for (let move = 0; move < MOVES; move += 1) await moveChunks(cluster, move, load)
    const told = await load.stop()
    expect(told.others).toEqual([])

    using http = createCaller(one.port)
    // A chunk that moves may cost an answer, never an update.
    for (const update of told.unknown) expect((await sendUpdate(http, token, update)).status).toBe(200)
    const sent = [...told.acknowledged, ...told.unknown]
    expect(sent.filter(({ n }) => n % 20 === 0).length).toBeGreaterThan(0)
    for (const { client, filename } of FILES) {
      const path = `/clients/${client}/progress`
      const mine = sent.filter((update) => update.path === path && update.filename === filename)
      const applied = [...(await appliedTo(http, path, filename))].sort((a, b) => a - b)
      expect(applied).toEqual(mine.map(({ n }) => n).sort((a, b) => a - b))
    }
    for (const port of ports) {
      using caller = createCaller(port)
      await expectLists(caller, sent.length)
    }
    process.stdout.write(
      `${sent.length} updates, ${told.unknown.length} refused once, while ${MOVES} times chunks moved\n`,
    )
  })

  it('do not start at one of its shards, nor beside a document without a client, with 78', async () => {
    const { cluster, database, nodes } = mongo as Mongo & { readonly cluster: Cluster }
    const uri = await database('unmigrated')
    const old = { filename: 'old.csv', email: 'ada@example.com' }
    await cluster.shards.s0.db('unmigrated').collection('progress').insertOne(old)
    const refused = {
      SHARD_ADDRESSED_DIRECTLY: `mongodb://127.0.0.1:${nodes[1]?.port}/unmigrated?directConnection=true`,
      NOT_MIGRATED: uri,
    }
    for (const [code, MONGO_URI] of Object.entries(refused)) {
      await using folder = await dataFolder()
      const { how, log } = await failedStart({ dataDir: folder.path, environment: { MONGO_URI } })
      const fatal = log.find(({ level }) => level === 'fatal')
      expect([how, fatal?.['err']]).toEqual([78, expect.objectContaining({ code })])
    }
  })
})

/** One client's files and a part of the journals go to the other shard, while both processes are served. */
const moveChunks = async (cluster: Cluster, move: number, load: Load): Promise<void> => {
  const to = move % 2 === 0 ? 's1' : 's0'
  const min = { clientKrn: CLIENTS[move % 4], filename: '' }
  await cluster.move(DATABASE, 'progress', min, to)
  for (const collection of ['journal', 'patterns']) {
    const [chunk] = await cluster.chunks(DATABASE, collection)
    if (chunk !== undefined) await cluster.move(DATABASE, collection, chunk.min, to)
  }
  await load.serves()
}

/** Each client's list, page by page, has its files once, and its sums are those of its files. */
const expectLists = async (http: HttpCaller, updates: number): Promise<void> => {
  let sum = 0
  for (const client of CLIENTS) {
    const names: string[] = []
    let done = 0
    let path: string | undefined = `/clients/${client}/progress?limit=2`
    while (path !== undefined) {
      const page: Answer = await http.call({ path })
      for (const record of page.json) {
        names.push(record.filename)
        done += record.counts.done
        expect(record.issueCounts.errors).toBe(record.counts.done)
      }
      path = /^<http:\/\/[^/]+([^>]+)>/.exec(String(page.headers['link'] ?? ''))?.[1]
    }
    expect(names.sort()).toEqual(FILES.flatMap((file) => (file.client === client ? [file.filename] : [])).sort())
    const { json } = await http.call({ path: `/clients/${client}/progress/summary` })
    expect(json).toMatchObject({ files: names.length, counts: { done } })
    sum += done
  }
  expect(sum).toBe(updates)
}
