import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'

export type Row = readonly SQLOutputValue[]

/** A prepared statement whose rows are arrays: half the price of objects, and the column list names them anyway. */
export interface Query {
  readonly get: (...parameters: SQLInputValue[]) => Row | undefined
  readonly all: (...parameters: SQLInputValue[]) => Row[]
  readonly iterate: (...parameters: SQLInputValue[]) => Iterable<Row>
}

export const prepareQuery = (db: DatabaseSync, sql: string): Query =>
  db.prepare(sql, { returnArrays: true }) as unknown as Query
