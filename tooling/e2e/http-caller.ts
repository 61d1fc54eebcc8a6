import { Agent, request } from 'node:http'

export interface Call {
  readonly method?: string
  readonly path: string
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts on what it reads
  readonly json: any
}

/** One connection that is kept open, as a program that reports would keep it. */
export interface HttpCaller extends Disposable {
  /** Rejects when the connection ends before the answer is whole. */
  readonly call: (call: Call) => Promise<Answer>
}

export const createCaller = (port: number): HttpCaller => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return {
    call: ({ method, path, token, headers = {}, body }) =>
      new Promise((answered, failed) => {
        const payload = body === undefined ? undefined : JSON.stringify(body)
        const sent = request(
          {
            agent,
            host: '127.0.0.1',
            port,
            path,
            method: method ?? (payload === undefined ? 'GET' : 'POST'),
            headers: {
              ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
              ...(payload === undefined
                ? {}
                : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
              ...headers,
            },
          },
          (response) => {
            let text = ''
            response.setEncoding('utf8')
            response.on('data', (chunk: string) => {
              text += chunk
            })
            response.once('error', failed)
            response.once('end', () => {
              const json = /json/.test(response.headers['content-type'] ?? '') ? JSON.parse(text) : undefined
              answered({ status: response.statusCode ?? 0, headers: response.headers, json })
            })
          },
        )
        sent.once('error', failed)
        sent.end(payload)
      }),
    [Symbol.dispose]: () => agent.destroy(),
  }
}
