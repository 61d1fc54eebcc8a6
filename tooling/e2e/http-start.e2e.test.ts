import { readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { createCaller } from './http-caller.ts'
import { aToken, dataFolder, failedStart, startHttpProcess } from './start-http-process.ts'

const PROGRESS = '/clients/krn:acme:client:prod-001/progress'
const REPORT = { filename: 'a.csv', counts: { done: 1, warn: 0, failed: 0 } }

describe('a process that cannot start says why', () => {
  it.each([
    [{ PORT: 'http' }, ['PORT="http" is not a whole number', 'PORT=8080']],
    [{ JWT_SECRET: 'too short' }, ['JWT_SECRET is shorter than 32 bytes']],
    [
      { READ_AUTH: 'yes', RATE_LIMIT: '600' },
      ['READ_AUTH="yes" is none of public, jwt', 'RATE_LIMIT="600" is not requests/seconds'],
    ],
    [{ NODE_ENV: 'production', JWT_SECRET: '' }, ['JWT_SECRET', 'JWT_JWKS_URL', 'JWT_PUBLIC_KEY']],
    [{ LEGACY_ROUTES: 'deprecated' }, ['LEGACY_DEPRECATED_AT=2027-01-31']],
  ])('a bad setting %j is named, with 78', async (environment, told) => {
    await using folder = await dataFolder()
    const { how, stderr } = await failedStart({
      dataDir: folder.path,
      environment: environment as Record<string, string>,
    })
    expect(how).toBe(78)
    for (const text of told) expect(stderr).toContain(text)
    expect(stderr).not.toContain('too short')
    expect(stderr).not.toMatch(/ at .*\.ts:/)
    expect(await readdir(folder.path)).toEqual([])
  })

  it.each([
    [
      'that is no database',
      (file: string) => writeFile(file, 'name,amount\n'.repeat(1000)),
      /STORE_FOREIGN|STORE_CORRUPT/,
    ],
    [
      'of another program',
      async (file: string) => {
        using database = new DatabaseSync(file)
        database.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY) STRICT')
      },
      /STORE_FOREIGN/,
    ],
    [
      'of a later version',
      async (file: string) => {
        using database = new DatabaseSync(file)
        const { user_version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
        database.exec(`PRAGMA user_version = ${user_version + 1000}`)
      },
      /STORE_NEWER/,
    ],
  ])('a store file %s is not touched, with 74', async (what, prepare, code) => {
    await using folder = await dataFolder()
    const file = join(folder.path, 'pebbles.sqlite')
    if (what === 'of a later version') {
      await using first = await startHttpProcess({ dataDir: folder.path })
      first.child.kill('SIGTERM')
      await first.ended
    }
    await prepare(file)
    const before = await stat(file)
    const { how, log } = await failedStart({ dataDir: folder.path })
    expect(how).toBe(74)
    const fatal = log.find(({ level }) => level === 'fatal')
    expect(fatal?.['err']).toMatchObject({ code: expect.stringMatching(code) })
    expect(fatal?.msg).toContain('pebbles.sqlite')
    expect((await stat(file)).size).toBe(before.size)
  })

  it('writes that nobody acknowledges, with 78', async () => {
    await using folder = await dataFolder()
    const environment = { MONGO_URI: 'mongodb://127.0.0.1:1/pebbles?w=0' }
    const { how, log } = await failedStart({ dataDir: folder.path, environment })
    expect(how).toBe(78)
    expect(log.find(({ level }) => level === 'fatal')?.['err']).toMatchObject({ code: 'URI_UNACKNOWLEDGED' })
  })

  it('a data folder that is a file, with 74', async () => {
    await using folder = await dataFolder()
    const dataDir = join(folder.path, 'data')
    await writeFile(dataDir, '')
    const { how, log } = await failedStart({ dataDir: folder.path, environment: { DATA_DIR: dataDir } })
    expect(how).toBe(74)
    expect(log.find(({ level }) => level === 'fatal')?.msg).toContain(dataDir)
  })

  it('a port that is taken, by its number', async () => {
    await using folder = await dataFolder()
    await using first = await startHttpProcess({ dataDir: folder.path })
    const { how, log } = await failedStart({ dataDir: folder.path, environment: { PORT: String(first.port) } })
    expect(how).toBe(1)
    expect(log.find(({ level }) => level === 'fatal')?.msg).toBe(
      `PORT=${first.port} is taken by another process on 127.0.0.1; set PORT to a free one, or stop the other`,
    )
    using caller = createCaller(first.port)
    expect((await caller.call({ path: '/ready' })).status).toBe(200)
  })

  it('an address that is not of this machine', async () => {
    await using folder = await dataFolder()
    const { how, log } = await failedStart({ dataDir: folder.path, environment: { HOST: '192.0.2.1' } })
    expect([how, log.find(({ level }) => level === 'fatal')?.msg]).toEqual([
      1,
      'HOST=192.0.2.1 is no address of this machine; for example HOST=0.0.0.0',
    ])
  })
})

describe('a process that starts', () => {
  it('names the open doors, and no secret', async () => {
    await using folder = await dataFolder()
    await using process = await startHttpProcess({ dataDir: folder.path, environment: { NODE_ENV: 'production' } })
    using caller = createCaller(process.port)
    await caller.call({ path: PROGRESS, token: await aToken(), body: REPORT })
    process.child.kill('SIGTERM')
    const { how, log, stderr } = await process.ended
    expect([how, stderr]).toEqual([0, ''])
    const warned = log.filter(({ level }) => level === 'warn').map(({ msg }) => msg)
    expect(warned).toHaveLength(2)
    expect(warned.join()).toMatch(/READ_AUTH=public.*JWT_CLIENTS_REQUIRED=false/)
    expect(JSON.stringify(log)).not.toMatch(/a secret for processes|eyJ/)
  })

  it('says where it listens at every LOG_LEVEL, as whoever started it waits for that', async () => {
    await using folder = await dataFolder()
    await using process = await startHttpProcess({ dataDir: folder.path, environment: { LOG_LEVEL: 'fatal' } })
    expect(process.log.map(({ msg }) => msg)).toEqual(['listening'])
  })

  it('in development mode listens on this machine only, by a secret of its own that lasts', async () => {
    await using folder = await dataFolder()
    const environment = { JWT_SECRET: '', HOST: '' }
    await using first = await startHttpProcess({ dataDir: folder.path, environment })
    expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:/)
    const file = join(folder.path, 'development-secret')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await using second = await startHttpProcess({ dataDir: folder.path, environment })
    using caller = createCaller(second.port)
    expect((await caller.call({ path: PROGRESS, token: await aToken(), body: REPORT })).status).toBe(401)
  })

  it('reads .env in the folder it starts in, below its own variables', async () => {
    await using folder = await dataFolder()
    await writeFile(join(folder.path, '.env'), 'READ_AUTH=jwt\nPORT=1\n')
    await using process = await startHttpProcess({ dataDir: folder.path })
    using caller = createCaller(process.port)
    expect((await caller.call({ path: PROGRESS })).status).toBe(401)
  })
})
