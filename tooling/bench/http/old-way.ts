import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import Router from '@koa/router'
import Koa from 'koa'
import koaJwt from 'koa-jwt'
import { MongoClient } from 'mongodb'

interface Row {
  readonly counts: { readonly done: number; readonly warn: number; readonly failed: number }
  readonly updatedAt: string
}

/** What the old version asked of its database for one update, one after the other. */
export interface OldStore {
  readonly find: (filename: string) => Promise<unknown>
  readonly findOwn: (filename: string, email: string) => Promise<Row | null>
  readonly insert: (filename: string, email: string, row: Row) => Promise<unknown>
  readonly update: (filename: string, email: string, row: Row) => Promise<unknown>
}

/** How it was done before: a token verified on each request, then find, find and update, one request at a time. */
export const createOldWay = (store: OldStore, secret: string) => {
  const app = new Koa()
  // First updates that come together are refused but for one, as they were. Whoever measures looks at the answers.
  app.silent = true
  const router = new Router()
  router.post('/clients/:clientKrn/progress', async (ctx) => {
    const chunks: Buffer[] = []
    for await (const chunk of ctx.req) chunks.push(chunk as Buffer)
    const { filename, counts } = JSON.parse(Buffer.concat(chunks).toString()) as Row & { filename: string }
    const { email } = (ctx.state as { user: { email: string } }).user
    await store.find(filename)
    const own = await store.findOwn(filename, email)
    const sums = {
      done: (own?.counts.done ?? 0) + counts.done,
      warn: (own?.counts.warn ?? 0) + counts.warn,
      failed: (own?.counts.failed ?? 0) + counts.failed,
    }
    const row = { counts: sums, updatedAt: new Date().toISOString() }
    await (own === null ? store.insert(filename, email, row) : store.update(filename, email, row))
    ctx.body = { result: own === null ? 'created' : 'updated', filename, counts: sums, isCompleted: false }
  })
  app.use(koaJwt({ secret }))
  app.use(router.routes())
  return createServer(app.callback())
}

export const oldSqlite = (): OldStore => {
  const db = new DatabaseSync(join(mkdtempSync(join(tmpdir(), 'pebbles-bench-')), 'old.sqlite'))
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  db.exec(
    'CREATE TABLE progress (filename TEXT, email TEXT, done INTEGER, warn INTEGER, failed INTEGER, updated TEXT, UNIQUE (filename, email))',
  )
  const find = db.prepare('SELECT * FROM progress WHERE filename = ?')
  const findOwn = db.prepare('SELECT * FROM progress WHERE filename = ? AND email = ?')
  const insert = db.prepare('INSERT INTO progress VALUES (?, ?, ?, ?, ?, ?)')
  const update = db.prepare(
    'UPDATE progress SET done = ?, warn = ?, failed = ?, updated = ? WHERE filename = ? AND email = ?',
  )
  return {
    find: async (filename) => find.get(filename),
    findOwn: async (filename, email) => {
      const own = findOwn.get(filename, email) as (Row['counts'] & { updated: string }) | undefined
      return own === undefined ? null : { counts: own, updatedAt: own.updated }
    },
    insert: async (filename, email, { counts: { done, warn, failed }, updatedAt }) =>
      insert.run(filename, email, done, warn, failed, updatedAt),
    update: async (filename, email, { counts: { done, warn, failed }, updatedAt }) =>
      update.run(done, warn, failed, updatedAt, filename, email),
  }
}

/** On the driver's defaults, which on a replica set write with majority. */
export const oldMongo = async (uri: string): Promise<OldStore> => {
  const client = await new MongoClient(uri).connect()
  const progress = client.db().collection<Row & { filename: string; email: string }>('old_progress')
  await progress.createIndex({ filename: 1, email: 1 }, { unique: true })
  return {
    find: (filename) => progress.findOne({ filename }),
    findOwn: (filename, email) => progress.findOne({ filename, email }),
    insert: (filename, email, row) => progress.insertOne({ filename, email, ...row }),
    update: (filename, email, row) => progress.updateOne({ filename, email }, { $set: row }),
  }
}
