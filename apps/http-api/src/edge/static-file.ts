import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { HttpContext } from './http-context.ts'
import { HttpProblem } from './http-problem.ts'
import { matchesETag } from './send-json.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}
const WORTH_GZIP = 4_096

interface StaticFile {
  readonly type: string
  readonly etag: string
  readonly plain: Buffer
  readonly gzipped: Buffer | null
}

const loaded = new Map<string, Promise<StaticFile>>()

/** Sends a file of our own, read once and kept, compressed where it pays. */
export const sendStatic = async (ctx: HttpContext, file: URL): Promise<void> => {
  const pending = loaded.get(file.href) ?? load(file)
  loaded.set(file.href, pending)
  const { type, etag, plain, gzipped } = await pending.catch((cause: unknown) => {
    loaded.delete(file.href)
    throw new HttpProblem('NOT_FOUND', { cause })
  })
  ctx.set('ETag', etag)
  ctx.set('Cache-Control', 'no-cache')
  ctx.vary('Accept-Encoding')
  ctx.type = type
  if (matchesETag(ctx.get('If-None-Match'), etag)) {
    ctx.status = 304
    return
  }
  const compressed = gzipped !== null && ctx.acceptsEncodings('gzip', 'identity') === 'gzip'
  if (compressed) ctx.set('Content-Encoding', 'gzip')
  ctx.body = compressed ? gzipped : plain
}

const load = async (file: URL): Promise<StaticFile> => {
  const plain = await readFile(file)
  const type = TYPES[extname(file.pathname)] ?? 'application/octet-stream'
  const gzipped = plain.length < WORTH_GZIP ? null : await promisify(gzip)(plain)
  return { type, etag: `W/"${hash('sha256', plain, 'base64url').slice(0, 27)}"`, plain, gzipped }
}
