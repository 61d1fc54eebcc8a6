import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { orSkip, startMongo } from '@pebbles/services'
import { type Document, MongoClient } from 'mongodb'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { runPebbles } from './run-pebbles.ts'

// Each command is a process of its own, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 })

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const mongo = await orSkip(startMongo({ topology: 'standalone' }))
const folder = await mkdtemp(join(tmpdir(), 'pebbles-cli-migrate-'))
afterAll(async () => {
  await mongo?.stop()
  await rm(folder, { recursive: true })
})

interface Ended {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

const pebbles = (uri: string, ...args: readonly string[]): Promise<Ended> =>
  new Promise((done) => {
    const env = { PATH: process.env['PATH'], HOME: folder, TMPDIR: folder, MONGO_URI: uri, DATA_DIR: folder }
    execFile(
      process.execPath,
      [MAIN, ...(args[0] === 'doctor' ? [] : ['migrate']), ...args],
      { cwd: folder, env },
      (error, stdout, stderr) =>
        done({ exit: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr }),
    )
  })

const old = (filename: string, email: string, more: Document = {}): Document => ({
  ...{ filename, email, counts: { done: 3, warn: 0, failed: 1 }, total: 9, isCompleted: false },
  ...{ createdAt: '2025-06-20T12:00:00Z', updatedAt: '2025-06-20T12:00:00.123456789Z' },
  errors: [{ line: 2, message: 'bad amount' }],
  ...more,
})

describe.skipIf(mongo === null)('pebbles migrate', () => {
  it('plans, migrates, verifies and goes back, and says what it did', async () => {
    const uri = (await mongo?.database('cli_migrate')) ?? ''
    await using client = new MongoClient(uri)
    const progress = client.db().collection('progress')
    await progress.insertMany([
      old('a.csv', 'ada@example.com'),
      old('b.csv', 'ada@example.com'),
      old('b.csv', 'eve\u001b[31m@example.com', { createdAt: '2025-06-21T12:00:00Z' }),
      old('c.csv', 'bob@example.com', { clientKrn: 'krn:acme:client:1' }),
    ])
    await progress.createIndex({ filename: 1, email: 1 }, { unique: true })
    await progress.createIndex({ email: 1 }, { name: 'progress_email_idx' })

    const planned = await pebbles(uri, 'plan')
    expect(planned).toMatchObject({ exit: 0 })
    expect(planned.stdout).toMatch(/^without clientKrn +3$/m)
    expect(planned.stdout).toMatch(/^old indexes +filename_1_email_1, progress_email_idx$/m)
    expect(planned.stdout).toContain(
      'krn:default:client:001 b.csv: ada@example.com (2025-06-20T12:00:00Z) stays; eve\\x1b[31m@',
    )
    expect(planned.stdout).toContain('`pebbles migrate up` will:')
    expect(await pebbles(uri, 'up', '--dry-run')).toMatchObject({ exit: 0, stdout: planned.stdout })
    expect(JSON.parse((await pebbles(uri, 'plan', '--json')).stdout)).toMatchObject({
      documents: { all: 4, withoutClient: 3 },
    })

    const unmigrated = await pebbles(uri, 'verify')
    expect(unmigrated.exit).toBe(1)
    expect(unmigrated.stdout).toMatch(/^WITHOUT_CLIENT: 3 documents have no clientKrn: run `pebbles migrate up`$/m)

    expect((await pebbles(uri, 'doctor')).stdout).toMatch(
      /^warn +migration +WITHOUT_CLIENT: 3, such as no client a\.csv/m,
    )

    const up = await pebbles(uri, 'up')
    expect(up.exit).toBe(0)
    expect(up.stdout.split('\n')).toEqual([
      'clientKrn set on 3 documents',
      'client noted on 1 documents that had one',
      'set aside in progress_parked: 1',
      'indexes made: clientKrn_1_filename_1_email_1, clientKrn_1',
      'indexes dropped: filename_1_email_1, progress_email_idx',
      '',
    ])
    expect(up.stderr).toContain('setting clientKrn: 100 % 3/3')
    expect(up.stderr).toContain('setting aside: 1 documents')
    expect(up.stderr).not.toContain('lines')
    expect(await pebbles(uri, 'up')).toMatchObject({ exit: 0, stdout: 'Nothing was to be done.\n' })
    expect(await pebbles(uri, 'verify')).toMatchObject({ exit: 0, stdout: 'Nothing is wrong.\n' })
    expect((await pebbles(uri, 'doctor')).stdout).toMatch(/^ok +migration +no trace of the old version$/m)
    expect(JSON.parse((await pebbles(uri, 'verify', '--json')).stdout)).toEqual({ ok: true, faults: [] })

    await progress.insertOne(old('a.csv', 'bob@example.com', { clientKrn: 'krn:acme:client:1' }))
    const refused = await pebbles(uri, 'down')
    expect(refused).toMatchObject({ exit: 1, stdout: '' })
    expect(refused.stderr).toContain('Nothing was changed: 1 filenames belong to several clients')
    expect(refused.stderr).toContain('  a.csv: krn:default:client:001, krn:acme:client:1')
    const down = await pebbles(uri, 'down', '--park', '--json')
    expect(down.exit).toBe(0)
    expect(JSON.parse(down.stdout)).toMatchObject({
      kind: 'done',
      writtenBack: 4,
      setAside: 1,
      broughtBack: 1,
      rest: null,
    })
    expect((await pebbles(uri, 'plan')).stdout).toMatch(/^set aside by `up`, by `down` +0, 1$/m)
    expect((await pebbles(uri, 'up')).stdout).toContain('brought back from progress_parked: 1')
  })

  it('refuses without a MongoDB, with one that is away, and for another legacy client', async () => {
    expect(await runPebbles(['migrate', 'plan'])).toMatchObject({
      exit: 78,
      stderr: expect.stringContaining('MONGO_URI'),
    })
    const away = await pebbles('mongodb://127.0.0.1:1/pebbles?serverSelectionTimeoutMS=200', 'plan')
    expect(away).toMatchObject({ exit: 74, stdout: '', stderr: expect.stringContaining('Is MONGO_URI right') })
    const uri = (await mongo?.database('cli_other')) ?? ''
    expect((await pebbles(uri, 'plan')).stdout).toContain('There are no documents here. MONGO_URI names the database')
    await using client = new MongoClient(uri)
    await client
      .db()
      .collection<{ _id: string }>('settings')
      .insertOne({ _id: 'legacy', clientKrn: 'krn:other:client:1' } as never)
    const other = await pebbles(uri, 'up', '--json')
    expect(other).toMatchObject({ exit: 78, stdout: '' })
    expect(JSON.parse(other.stderr)).toMatchObject({
      error: { exit: 78, message: expect.stringContaining('krn:other:client:1') },
    })
  })
})
