import { expect, it } from 'vitest'
import { clock, ids } from '../test/harness.ts'
import { connect } from './connect.ts'
import { IN_MEMORY } from './files.ts'
import { assembleStore } from './open-store.ts'

it('no statement scans a table or sorts what it found, so each costs the same in a store of any size', async () => {
  const db = await connect(IN_MEMORY, clock)
  const prepare = db.prepare.bind(db)
  const statements: string[] = []
  db.prepare = (sql, options) => {
    statements.push(sql)
    return prepare(sql, options)
  }
  await using _store = assembleStore(db, { path: IN_MEMORY, clock, ids })
  expect(statements.length).toBeGreaterThan(30)
  const slow = statements.flatMap((sql) =>
    prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map((row) => String(row['detail']))
      // meta has one row, the sub-select of a union four, a walk the entries between two marks.
      .filter((step) => /^SCAN (?!meta|CONSTANT|\(subquery|walk$)|TEMP B-TREE/.test(step))
      .map((step) => `${step} in ${sql}`),
  )
  expect(slow).toEqual([])
})
