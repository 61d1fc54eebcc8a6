import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ProgressRecord } from '@pebbles/wire'
import { importRows, type RowCounts, type RowImportResult } from '../rows/import-rows.ts'
import { openRowFile } from '../rows/open-rows.ts'
import type { Connection } from '../service/connection.ts'
import { clientPath, request } from '../service/request.ts'
import { sendUpdate } from '../service/send-update.ts'
import { breakRows } from './break-rows.ts'
import type { DataSet } from './data-sets.ts'

export interface DemoResult {
  readonly client: string
  readonly filename: string
  readonly outcome: RowImportResult['outcome']
  readonly reason: string | null
  /** As the service has them in the end. */
  readonly counts: RowCounts
  /** Rows of the file, counted apart. */
  readonly rowsInFile: number
  readonly brokenOnPurpose: number
  /** The service has exactly the rows that there are, and the broken ones failed; or those up to the cancelling. */
  readonly exact: boolean
}

export interface DemoImport {
  readonly set: DataSet
  readonly folder: string
  readonly connection: Connection
  /** As fast as it goes. */
  readonly fast: boolean
  readonly signal: AbortSignal
  readonly onRows: (counts: RowCounts, total: number) => void
}

/** Imports a copy of the file, broken as planned, and compares what the service has with a count of its own. */
export const importDataSet = async ({
  set,
  folder,
  connection,
  fast,
  signal,
  onRows,
}: DemoImport): Promise<DemoResult> => {
  const original = await readFile(fileURLToPath(new URL(`data/${set.file}`, dataSetsHome())), 'utf8')
  const copy = breakRows(original, set)
  const path = join(folder, set.file)
  await writeFile(path, copy.text)
  const source = await openRowFile(path, { header: true })
  const perSecond = copy.rows / set.seconds
  const cancelAt = set.cancelAfter === undefined ? undefined : Math.floor(copy.rows * set.cancelAfter)
  const { outcome, reason } = await importRows({
    source,
    filename: set.file,
    rules: null,
    every: fast ? null : Math.max(5, Math.round(perSecond / 2)),
    failAbove: set.failAbove ?? null,
    keyPrefix: `demo:${source.digest?.slice(0, 32) ?? ''}`,
    send: (update, key) => sendUpdate(connection, set.client, update, { key, patienceMs: 10_000, signal }),
    onRows: (counts) => onRows(counts, copy.rows),
    ...(cancelAt === undefined ? {} : { cancelAt }),
    ...(fast ? {} : { beforeRow: createPace(perSecond, signal) }),
  })
  const { body } = await request(connection, { path: clientPath(set.client, '', { filename: set.file }) })
  const { counts } = body as ProgressRecord
  return {
    client: set.client,
    filename: set.file,
    outcome,
    reason,
    counts,
    rowsInFile: copy.rows,
    brokenOnPurpose: copy.broken,
    exact:
      counts.done + counts.warn + counts.failed === (cancelAt ?? copy.rows) &&
      (cancelAt !== undefined || counts.failed === copy.broken),
  }
}

const dataSetsHome = (): URL => new URL('..', import.meta.resolve('vega-datasets'))

/** Holds rows back so that they come at this rate. */
const createPace = (perSecond: number, signal: AbortSignal): (() => Promise<void> | undefined) => {
  const startedAt = performance.now()
  let rows = 0
  return () => {
    const early = startedAt + (rows++ / perSecond) * 1000 - performance.now()
    return early > 20 ? delay(early, undefined, { signal }) : undefined
  }
}
