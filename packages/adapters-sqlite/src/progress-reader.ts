import type { Channel, EndState, HistoryRow, ProgressReader } from '@pebbles/core'
import { prepareList, preparePick, prepareScan } from './list-files.ts'
import { prepareTables } from './pattern-rows.ts'
import { prepareQuery } from './query.ts'
import { prepareIssues, type ReadIssuesDeps } from './read-issues.ts'
import { STATE_COLUMNS, toState } from './rows.ts'
import { prepareClients, prepareSums } from './sum-clients.ts'

export const createProgressReader = (deps: ReadIssuesDeps): ProgressReader => {
  const { db, access, streams } = deps
  const file = prepareQuery(db, `SELECT ${STATE_COLUMNS} FROM progress WHERE client = ? AND filename = ?`)
  const tableRows = prepareTables(db)
  const entries = prepareQuery(
    db,
    `SELECT version, at, updates, done, warn, failed, total, outcome, sources FROM journal
     WHERE stream = ? AND version > ? AND version <= ? AND kind = 'update' ORDER BY version LIMIT ?`,
  )
  return {
    get: (client, filename) =>
      access.read(() => {
        const row = file.get(client, filename)
        if (row === undefined) return null
        const state = toState(row)
        const stream = streams.find(state.fileId) as number
        return { state, tables: { error: tableRows(stream, 'error'), warning: tableRows(stream, 'warning') } }
      }),
    list: prepareList(deps),
    scan: prepareScan(deps),
    pick: preparePick(deps),
    sums: prepareSums(deps),
    issues: prepareIssues(deps),
    history: (ref, limit, after) =>
      access.read(() => {
        const stream = streams.findEver(ref.fileId)
        return stream === null ? [] : entries.all(stream, after, ref.version, limit).map(toHistoryRow)
      }),
    clients: prepareClients(deps),
  }
}

const toHistoryRow = (row: readonly unknown[]): HistoryRow => {
  const [version, at, updates, done, warn, failed, total, outcome, sources] = row as [
    number,
    number,
    number,
    number,
    number,
    number,
    number | null,
    EndState | null,
    string,
  ]
  return {
    version,
    at,
    updates,
    counts: { done, warn, failed },
    total,
    isLast: outcome !== null,
    outcome,
    sources: sources.split(',') as Channel[],
  }
}
