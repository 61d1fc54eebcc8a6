import type { IncomingMessage } from 'node:http'
import type { BodyTurns } from './body-turns.ts'
import type { HttpContext } from './http-context.ts'
import { HttpProblem } from './http-problem.ts'

/** Takes no other body than plain JSON, and no more of it than `maxBytes`; hands it on when its turn has come. */
export const withBody = async <T>(
  ctx: HttpContext,
  maxBytes: number,
  turns: BodyTurns,
  work: (body: Uint8Array) => Promise<T>,
): Promise<T> => {
  const { req } = ctx
  const encoding = req.headers['content-encoding']
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity')
    throw unsupported('No Content-Encoding but identity is taken')
  if (!isJson(req.headers['content-type'])) throw unsupported('The Content-Type must be application/json')
  const announced = req.headers['content-length']
  if (Number(announced ?? 0) > maxBytes) throw tooLarge(ctx, maxBytes)
  return turns.holding(announced === undefined ? maxBytes : Number(announced), async () => {
    // The caller waits for a word before it sends a large body: now that it is wanted, and no sooner.
    if (req.headers.expect !== undefined) ctx.res.writeContinue()
    const body = await collect(req, maxBytes)
    if (body === 'too large') throw tooLarge(ctx, maxBytes)
    if (body === 'cut off') throw new HttpProblem('BAD_REQUEST', { detail: 'The body ended before it was whole' })
    return turns.working(body.length, () => work(body))
  })
}

/** By events: leaving a loop over the request early would break the connection before the answer is out. */
const collect = (req: IncomingMessage, maxBytes: number): Promise<Uint8Array | 'too large' | 'cut off'> =>
  new Promise((settle) => {
    if (req.destroyed) return settle('cut off')
    const chunks: Buffer[] = []
    let size = 0
    req.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
      else {
        chunks.length = 0
        settle('too large')
      }
    })
    req.once('end', () => settle(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)))
    req.once('error', () => settle('cut off'))
    req.once('close', () => settle('cut off'))
  })

const isJson = (type: string | undefined): boolean => {
  if (type === undefined) return false
  const [media = '', ...parameters] = type.split(';')
  if (media.trim().toLowerCase() !== 'application/json') return false
  return parameters.every((parameter) => {
    const [name = '', value = ''] = parameter.trim().toLowerCase().split('=')
    return name !== 'charset' || /^"?utf-?8"?$/.test(value)
  })
}

const unsupported = (detail: string): HttpProblem =>
  new HttpProblem('UNSUPPORTED_MEDIA_TYPE', { detail, headers: { 'Accept-Post': 'application/json' } })

const LINGER_MS = 2_000

/**
 * The rest of such a body is read and thrown away for a moment, as a caller that still writes would not see the answer
 * behind a reset; then the connection ends.
 */
const tooLarge = ({ req, res }: HttpContext, maxBytes: number): HttpProblem => {
  res.once('finish', () => {
    setTimeout(() => {
      if (!req.complete) req.socket.destroy()
    }, LINGER_MS).unref()
  })
  return new HttpProblem('BODY_TOO_LARGE', { detail: `The body is larger than ${maxBytes} bytes` })
}
