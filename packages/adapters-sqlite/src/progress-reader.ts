import type { ProgressReader } from '@pebbles/core'
import { prepareHistory } from './journal.ts'
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
  const readHistory = prepareHistory(db, streams)
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
    history: (ref, limit, after) => access.read(() => readHistory(ref, limit, after)),
    clients: prepareClients(deps),
  }
}
