import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

export interface FakeAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface FakeService extends AsyncDisposable {
  readonly url: string
  readonly requests: readonly FakeRequest[]
}

/** Answers as the test says; `null` breaks the connection off. */
export const startFakeService = async (
  answer: (request: FakeRequest, no: number) => FakeAnswer | null,
): Promise<FakeService> => {
  const requests: FakeRequest[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      const { method = '', url = '', headers } = request
      requests.push({ method, url, headers, body: text === '' ? null : JSON.parse(text) })
      const given = answer(requests.at(-1) as FakeRequest, requests.length)
      if (given === null) return request.socket.destroy()
      const type = given.status === 200 ? 'application/json' : 'application/problem+json'
      response.writeHead(given.status, { 'Content-Type': type, ...given.headers }).end(JSON.stringify(given.body ?? {}))
      return undefined
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

export const problem = (status: number, code: string, detail: string): FakeAnswer => ({
  status,
  body: { type: `/errors/${code}`, title: code, status, detail, code, error: detail, requestId: 'r', instance: '/' },
})

/** What the service says to an update. */
export const updated = (filename: string): FakeAnswer => ({
  status: 200,
  body: {
    result: 'updated',
    clientKrn: 'krn:acme:client:1',
    filename,
    counts: { done: 1, warn: 0, failed: 0 },
    total: null,
    isCompleted: false,
    errors: [],
    warnings: [],
  },
})
