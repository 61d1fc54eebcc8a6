import { connect, type Socket } from 'node:net'

export interface Load {
  /** Answers with 2xx in a second. */
  readonly rate: number
  readonly p50: number
  readonly p99: number
  readonly refused: number
}

/**
 * Posts ready-made bytes over keep-alive sockets, the next when the answer to the last is whole. It parses no more of
 * an answer than its end, so that it outruns every server it measures; autocannon tops out below a bare node:http.
 */
export const postLoad = async (
  port: number,
  requests: readonly Buffer[],
  { connections = 64, seconds = 5 } = {},
): Promise<Load> => {
  const latencies: number[] = []
  let next = 0
  let refused = 0
  let running = true
  const started = performance.now()
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      while (running) {
        next += 1
        const sent = performance.now()
        const status = await exchange(socket, requests[next % requests.length] as Buffer)
        if (status >= 200 && status < 300) latencies.push(performance.now() - sent)
        else refused += 1
        if (performance.now() - started > seconds * 1000) running = false
      }
      socket.destroy()
    }),
  )
  const elapsed = (performance.now() - started) / 1000
  latencies.sort((a, b) => a - b)
  const quantile = (q: number): number => Math.round((latencies[Math.floor(latencies.length * q)] ?? 0) * 100) / 100
  return { rate: latencies.length / elapsed, p50: quantile(0.5), p99: quantile(0.99), refused }
}

const exchange = (socket: Socket, request: Buffer): Promise<number> =>
  new Promise((done, failed) => {
    let received = ''
    const onData = (chunk: Buffer): void => {
      received += chunk.toString('latin1')
      const end = received.indexOf('\r\n\r\n')
      if (end < 0) return
      const length = /\r\ncontent-length: (\d+)/i.exec(received)?.[1]
      if (length === undefined) failed(new Error(`an answer without Content-Length: ${received.slice(0, 200)}`))
      if (received.length < end + 4 + Number(length)) return
      socket.off('data', onData)
      socket.off('error', failed)
      done(Number(received.slice(9, 12)))
    }
    socket.on('data', onData)
    socket.on('error', failed)
    socket.write(request)
  })

export const postRequest = (path: string, token: string, body: unknown): Buffer => {
  const json = Buffer.from(JSON.stringify(body))
  return Buffer.concat([
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n`,
    ),
    json,
  ])
}
