import { type MongoTopology, orSkip, startMongo } from '@pebbles/services'
import { type Db, MongoClient } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { type EventListener, startListener } from './event-listener.ts'
import { createCaller } from './http-caller.ts'
import { aToken, dataFolder, type HttpProcess, startHttpProcess } from './start-http-process.ts'

const TOPOLOGIES: readonly MongoTopology[] = ['replica-set', 'standalone']
const servers = await Promise.all(TOPOLOGIES.map((topology) => orSkip(startMongo({ topology }))))
const CLIENT = 'krn:acme:client:killed'
const UPDATES = 40
/** Killed at the moment that a document was just written it leaves nothing behind. */
const MOST_ROUNDS = 8
/** It takes up to 3 s where nothing else goes on. */
const TOLD_WITHIN_MS = 20_000

for (const [index, topology] of TOPOLOGIES.entries()) {
  const mongo = servers[index] ?? null
  describe.skipIf(mongo === null)(`of two processes on a MongoDB, ${topology}`, () => {
    if (mongo === null) return
    afterAll(() => mongo.stop())

    it('one tells its listeners what the other had answered when it was killed, though nobody writes or reads', {
      timeout: 240_000,
    }, async () => {
      const MONGO_URI = await mongo.database('killed')
      await using folder = await dataFolder()
      const start = () => startHttpProcess({ dataDir: folder.path, environment: { MONGO_URI } })
      await using client = new MongoClient(MONGO_URI)
      await using listened = await start()
      await using listener = await startListener(listened.url, CLIENT)
      let behind = 0
      for (let round = 0; round < MOST_ROUNDS && behind === 0; round += 1) {
        await using killed = await start()
        await sweepLater(client.db())
        const filename = `f${round}.csv`
        const answered = await writeAndKill(killed, filename)
        behind = await lag(client.db(), filename)
        await expectTold(listener, filename, answered)
      }
      expect(behind).toBeGreaterThan(0)
    })
  })
}

/** Reports on one file without pause, and kills the process as soon as it has answered the last. */
const writeAndKill = async ({ port, child, ended }: HttpProcess, filename: string): Promise<number> => {
  using http = createCaller(port)
  const token = await aToken()
  const body = { filename, counts: { done: 1, warn: 0, failed: 0 } }
  let done = 0
  for (let n = 0; n < UPDATES; n += 1) {
    const { status, json } = await http.call({ path: `/clients/${CLIENT}/progress`, token, body })
    expect(status).toBe(200)
    done = json.counts.done
  }
  child.kill('SIGKILL')
  await ended
  expect(done).toBe(UPDATES)
  return done
}

/** By how many versions the document of a file is behind its journal. */
const lag = async (db: Db, filename: string): Promise<number> => {
  const document = await db.collection('progress').findOne({ clientKrn: CLIENT, filename })
  const fileId: unknown = document?.['fileId']
  const [head] = await db.collection('journal').find({ fileId }).sort({ version: -1 }).limit(1).toArray()
  expect(head?.['version']).toBe(UPDATES)
  return UPDATES - Number(document?.['version'])
}

const expectTold = async (listener: EventListener, filename: string, done: number): Promise<void> => {
  await expect.poll(() => listener.newest.get(filename), { timeout: TOLD_WITHIN_MS }).toBe(done)
}

/** Every half minute a process sweeps, unless one just did: it would bring forward what is to be told without it. */
const sweepLater = async (db: Db): Promise<void> => {
  const now = new Date()
  const sweep = db.collection<{ _id: string }>('settings')
  await sweep.updateOne({ _id: 'sweep' }, { $set: { mark: now, wide: now } }, { upsert: true })
}
