import type { FileState } from '@pebbles/core'
import { legacyRecordOf } from '@pebbles/wire'
import type { HttpContext } from '../edge/http-context.ts'
import { type Pieces, sendStream } from '../edge/send-stream.ts'
import type { RouteDeps } from './deps.ts'

type StreamDeps = Pick<RouteDeps, 'settings' | 'plain' | 'clock'>

const PIECE_CHARACTERS = 65_536

/** Answers with a JSON array of files in the form of the single-tenant version, read one by one as the caller takes them. */
export const streamPlainFiles = (
  ctx: HttpContext,
  pages: AsyncGenerator<readonly FileState[], undefined>,
  deps: StreamDeps,
): Promise<void> =>
  sendStream(ctx, piecesOf(pages, deps), {
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
    stallMs: deps.settings.readerStallMs,
  })

async function* piecesOf(pages: AsyncIterable<readonly FileState[]>, { plain, clock, settings }: StreamDeps): Pieces {
  let text = '['
  let separator = ''
  for await (const page of pages) {
    for await (const file of plain.withIssues(page)) {
      const asOf = { now: clock.now(), stalledAfterMs: settings.stalledAfterMs }
      text += separator + JSON.stringify(legacyRecordOf(file, asOf))
      separator = ','
      if (text.length < PIECE_CHARACTERS) continue
      yield text
      text = ''
    }
  }
  yield `${text}]`
  return undefined
}
