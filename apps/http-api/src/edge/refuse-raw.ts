import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { RefusalCode } from '@pebbles/core'
import { PROBLEM_TYPE, problemOf, statusOfCode } from '@pebbles/wire'
import type { HttpSettings } from '../settings.ts'
import { corsHeaders } from './cors.ts'

const LINGER_MS = 1_000
const refused = new WeakSet<Duplex>()

/** Answers what is no request that the app could get: a problem like all others, written by hand, the last on its connection. */
export const refuseRaw = (
  socket: Duplex,
  code: RefusalCode,
  requestId: string,
  settings: Pick<HttpSettings, 'corsOrigins'>,
): void => {
  // What comes behind a broken request is broken, too: one answer is enough.
  if (refused.has(socket)) return
  refused.add(socket)
  socket.on('error', () => socket.destroy())
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const status = statusOfCode(code)
  const body = JSON.stringify(problemOf(code, { requestId }))
  const headers = {
    'Content-Type': PROBLEM_TYPE,
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    'X-Request-Id': requestId,
    'X-Content-Type-Options': 'nosniff',
    ...corsHeaders(settings, undefined),
    Date: new Date().toUTCString(),
    Connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
  // A caller that still sends would lose the answer to a reset: it gets a moment to read it.
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}
