import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** By lower-case names; repeats are joined by commas. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

export interface RawConnection extends Disposable {
  readonly socket: Socket
  readonly write: (bytes: string | Buffer) => void
  /** The next answer; rejects when the connection ends before it is whole. */
  readonly answer: (request?: { readonly head?: boolean }) => Promise<RawAnswer>
  /** Resolves when the other side has ended the connection. */
  readonly ended: Promise<void>
}

/** A connection on which a test writes whatever bytes it likes. */
export const openConnection = async (port: number): Promise<RawConnection> => {
  const socket = connect({ port, host: '127.0.0.1' })
  await once(socket, 'connect')
  let received = Buffer.alloc(0)
  let over = false
  let wake = (): void => undefined
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    wake()
  })
  socket.on('error', () => undefined)
  const ended = new Promise<void>((resolve) => {
    for (const event of ['end', 'close'] as const)
      socket.once(event, () => {
        over = true
        wake()
        resolve()
      })
  })
  return {
    socket,
    ended,
    write: (bytes) => {
      socket.write(bytes)
    },
    answer: async ({ head = false } = {}) => {
      for (;;) {
        const parsed = parseAnswer(received, head)
        if (parsed !== null) {
          received = received.subarray(parsed.length)
          return parsed.answer
        }
        if (over) throw new Error(`the connection ended within an answer: ${JSON.stringify(received.toString())}`)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    [Symbol.dispose]: () => socket.destroy(),
  }
}

/** Writes, and waits for one answer. */
export const exchange = async (port: number, bytes: string | Buffer): Promise<RawAnswer> => {
  using connection = await openConnection(port)
  connection.write(bytes)
  return await connection.answer()
}

const parseAnswer = (bytes: Buffer, head: boolean): { answer: RawAnswer; length: number } | null => {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return null
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const status = Number(first.split(' ')[1])
  const headers = new Map<string, string>()
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase()
    const value = line.slice(line.indexOf(':') + 1).trim()
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value)
  }
  const start = end + 4
  if (head || status === 204 || status === 304 || status < 200)
    return { answer: { status, headers, body: '' }, length: start }
  if (headers.get('transfer-encoding') === 'chunked') {
    const body = parseChunks(bytes.subarray(start))
    return body === null ? null : { answer: { status, headers, body: body.text }, length: start + body.length }
  }
  const length = start + Number(headers.get('content-length'))
  if (bytes.length < length) return null
  return { answer: { status, headers, body: bytes.subarray(start, length).toString() }, length }
}

const parseChunks = (bytes: Buffer): { text: string; length: number } | null => {
  const parts: Buffer[] = []
  for (let at = 0; ; ) {
    const line = bytes.indexOf('\r\n', at)
    if (line < 0) return null
    const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16)
    const end = line + 2 + size + 2
    if (bytes.length < end) return null
    if (size === 0) return { text: Buffer.concat(parts).toString(), length: end }
    parts.push(bytes.subarray(line + 2, end - 2))
    at = end
  }
}
