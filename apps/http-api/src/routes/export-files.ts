import type { FileState, ListFilter } from '@pebbles/core'
import { ndjsonRow, recordCsvHeader, recordCsvRow, recordOf } from '@pebbles/wire'
import type { HttpContext } from '../edge/http-context.ts'
import { HttpProblem } from '../edge/http-problem.ts'
import { type Pieces, sendStream } from '../edge/send-stream.ts'
import type { RouteDeps } from './deps.ts'
import type { ListPlaces } from './list-places.ts'

export type ExportFormat = 'text/csv' | 'application/x-ndjson'
export type ExportFiles = (
  ctx: HttpContext,
  filter: Omit<ListFilter, 'stalledBefore'>,
  format: ExportFormat,
) => Promise<void>

/** Streams every matching row, page by page as the reader takes them, with no read held open in the store meanwhile. */
export const createExportFiles =
  (deps: RouteDeps, places: ListPlaces): ExportFiles =>
  async (ctx, filter, format) => {
    const leave = places.take()
    if (leave === null) throw new HttpProblem('TOO_MANY_EXPORTS')
    const csv = format === 'text/csv'
    try {
      await sendStream(ctx, rows(deps.read.scan(filter), csv, deps), {
        headers: {
          'Content-Type': csv ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson; charset=utf-8',
          'Content-Disposition': `attachment; filename="progress.${csv ? 'csv' : 'ndjson'}"`,
          'Cache-Control': 'no-store',
        },
        stallMs: deps.settings.readerStallMs,
      })
    } finally {
      leave()
    }
  }

async function* rows(pages: AsyncIterable<readonly FileState[]>, csv: boolean, deps: RouteDeps): Pieces {
  // With the first page, as that is read before anything is said.
  let text = csv ? recordCsvHeader() : ''
  for await (const page of pages) {
    const asOf = { now: deps.clock.now(), stalledAfterMs: deps.settings.stalledAfterMs }
    for (const file of page) text += csv ? recordCsvRow(recordOf(file, asOf)) : ndjsonRow(recordOf(file, asOf))
    yield text
    text = ''
  }
  if (text !== '') yield text
  return undefined
}
