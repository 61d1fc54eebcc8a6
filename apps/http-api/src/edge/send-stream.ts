import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { HttpContext } from './http-context.ts'

export type Pieces = AsyncGenerator<string, undefined>

export interface StreamOptions {
  readonly headers: Readonly<Record<string, string>>
  /** How long the reader may take nothing before it is let go, ms. */
  readonly stallMs: number
}

/**
 * Answers 200 with pieces of text, each made as the reader takes it. A failure midway breaks the connection off: a short
 * answer must never look like a whole one.
 */
export const sendStream = async (
  ctx: HttpContext,
  pieces: Pieces,
  { headers, stallMs }: StreamOptions,
): Promise<void> => {
  // The first piece is made before the status line, so that a store that is away is a 503 and no broken stream.
  const first = await pieces.next()
  ctx.status = 200
  ctx.set(headers)
  ctx.respond = false
  ctx.res.statusCode = 200
  if (ctx.method === 'HEAD') {
    await pieces.return(undefined)
    ctx.res.end()
    return
  }
  // A reader that takes nothing at all must not keep the place of others.
  ctx.res.setTimeout(stallMs, () => ctx.res.destroy())
  // Whatever fails, pipeline destroys the answer, so it ends without the chunk that would end it well; the app logs it.
  await pipeline(Readable.from(withFirst(first, pieces)), ctx.res).catch(() => undefined)
}

async function* withFirst(first: IteratorResult<string, undefined>, pieces: Pieces): AsyncGenerator<string> {
  if (first.done !== true) yield first.value
  yield* pieces
}
