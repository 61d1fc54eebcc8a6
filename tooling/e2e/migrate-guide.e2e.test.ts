import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { orSkip, startMongo } from '@pebbles/services'
import { type Db, MongoClient } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { createCaller } from './http-caller.ts'
import { aToken, dataFolder, startHttpProcess } from './start-http-process.ts'

const run = promisify(execFile)
const GUIDE = readFileSync(new URL('../../docs/guides/migrate.md', import.meta.url), 'utf8')
const CLI = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url))
const LEGACY = 'krn:default:client:001'
const NEW = 'krn:acme:client:prod-001'
const OWNER = 'import@acme.example'

/** The guide's commands that take a database of the old version, from its top to its end. */
const blocks = [...GUIDE.matchAll(/^<!-- with old documents -->\n\n```sh\n([\s\S]*?)^```$/gm)].map(
  ([, text = '']) => text,
)
const blockWith = (command: string): string => {
  const found = blocks.filter((text) => text.includes(command))
  if (found.length === 0) throw new Error(`the guide does not say ${command}`)
  return found[0] as string
}

const mongo = await orSkip(startMongo({ topology: 'replica-set' }))

describe.skipIf(mongo === null)('docs/guides/migrate.md', { timeout: 180_000 }, () => {
  if (mongo === null) return
  afterAll(() => mongo.stop())

  it('leads an old database over and back', async () => {
    await using folder = await dataFolder()
    const uri = await mongo.database('guide')
    await using client = await MongoClient.connect(uri)
    const db = client.db()
    await seedOldVersion(db)
    const shell = async (script: string, expected = 0): Promise<string> => {
      const pebbles = `pebbles() { "${process.execPath}" "${CLI}" "$@"; }`
      const environment = { PATH: process.env['PATH'], DATA_DIR: folder.path, PORT: '0', MONGO_URI: uri, CI: 'true' }
      const { stdout, stderr, code } = await run('bash', ['-c', `set -uo pipefail\n${pebbles}\n${script}`], {
        cwd: folder.path,
        env: environment,
      }).then(
        (ended) => ({ ...ended, code: 0 }),
        (error: { stdout: string; stderr: string; code: number }) => error,
      )
      expect(code, `${script}\n${stdout}\n${stderr}`).toBe(expected)
      return `${stdout}${stderr}`
    }
    expect(await shell(blockWith('migrate plan').replace('pebbles doctor', 'pebbles doctor || true'))).toMatch(
      /without clientKrn +3\n/,
    )

    const api = await startHttpProcess({ dataDir: folder.path, environment: { MONGO_URI: uri } })
    const token = await aToken()
    using caller = createCaller(api.port)
    const countsOf = async (krn: string, filename: string): Promise<number | undefined> =>
      (await caller.call({ path: `/clients/${krn}/progress?filename=${filename}` })).json.counts?.done
    const report = (filename: string) =>
      caller.call({ path: '/progress', token, body: { filename, counts: { done: 1, warn: 0, failed: 0 } } })
    expect((await report('new.csv')).status).toBe(200)
    expect(await shell(blockWith('migrate up'))).toContain('Nothing is wrong.')
    expect(await countsOf(LEGACY, 'old-1.csv')).toBe(3)

    expect(await shell(blockWith('clients move'))).toMatch(/2 files would be moved[\s\S]*2 files moved/)
    expect([await countsOf(LEGACY, 'old-1.csv'), await countsOf(NEW, 'old-1.csv')]).toEqual([undefined, 3])
    expect(await shell('pebbles migrate verify')).toContain('Nothing is wrong.')
    await api[Symbol.asyncDispose]()

    const down = blocks.find((text) => text.trim() === 'pebbles migrate down') ?? ''
    expect(await shell(down)).toContain('handed to the old version: 4 documents')
    expect(await db.collection('progress').countDocuments({ clientKrn: { $exists: true } })).toBe(0)
    // As the old version does: it finds a file by its name, and sets its new sums.
    const old = await db.collection('progress').findOne({ filename: 'old-1.csv' })
    expect(old).toMatchObject({ counts: { done: 3 }, errors: [{ line: 2, message: 'no amount' }] })
    await db.collection('progress').updateOne({ filename: 'old-1.csv' }, { $set: { 'counts.done': 9 } })
    await shell(blockWith('migrate up'))

    await using again = await startHttpProcess({ dataDir: folder.path, environment: { MONGO_URI: uri } })
    using second = createCaller(again.port)
    const path = `/clients/${NEW}/progress`
    expect((await second.call({ path: `${path}?filename=old-1.csv` })).json.counts.done).toBe(9)
    await second.call({ path, token, body: { filename: 'new.csv', counts: { done: 5, warn: 0, failed: 0 } } })
    await again[Symbol.asyncDispose]()
    expect(await shell(down, 1)).toContain('new.csv')
    expect(await shell(blockWith('migrate down --park'))).toContain('set aside in progress_parked: 1')
  })
})

const seedOldVersion = async (db: Db): Promise<void> => {
  const progress = db.collection('progress')
  await progress.createIndex({ filename: 1, email: 1 }, { unique: true })
  await progress.createIndex({ email: 1 })
  const times = { createdAt: '2025-06-20T12:00:00Z', updatedAt: '2025-06-20T12:00:01.123456789Z' }
  const errors = [{ line: 2, message: 'no amount' }]
  const document = { total: null, isCompleted: false, ...times }
  await progress.insertMany([
    { ...document, filename: 'old-1.csv', email: OWNER, counts: { done: 3, warn: 0, failed: 1 }, errors },
    { ...document, filename: 'old-2.csv', email: OWNER, counts: { done: 1, warn: 0, failed: 0 }, warnings: null },
    { ...document, filename: 'old-3.csv', email: 'other@acme.example' },
  ])
}
