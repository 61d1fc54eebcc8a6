import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { RefusalCode } from '@pebbles/core'
import { refuseRaw } from './edge/refuse-raw.ts'
import type { HttpSettings } from './settings.ts'

export interface HttpServer {
  readonly port: number
  readonly server: Server
  /** Takes no new connection, and lets every request that came by an old one end; resolves when all are closed. */
  readonly stop: () => Promise<void>
}

/** What a connection is used for. */
interface Use {
  /** Had come by it when it was looked at last. */
  bytes: number
  /** When its newest answer was out. */
  answeredAt: number
  /**
   * Answers that are not out yet. A list for each connection and no map of all: a map that ever grows and shrinks leaves
   * tables behind that hold on to finished requests until the next full collection, five kilobytes for each.
   */
  readonly open: ServerResponse[]
}

export interface ServerOptions {
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void
  readonly host: string
  readonly port: number
  readonly newRequestId: () => string
  readonly settings: Pick<HttpSettings, 'corsOrigins'>
  readonly patience?: Patience
}

/** How long (ms) is waited for a caller. */
export interface Patience {
  readonly headers: number
  readonly request: number
  readonly checkEvery: number
}

const PATIENCE: Patience = { headers: 10_000, request: 30_000, checkEvery: 2_000 }
const KEEP_ALIVE_MS = 65_000
/** A stop closes a connection on which nothing came for so long: sooner, it might meet a request that is on its way. */
const LAST_REQUESTS_MS = 250
/** One whose caller got an answer so lately is in use: its next request is waited for as long. */
const IN_USE_MS = 4_000
/** One on which bytes keep dripping, but no whole request, is closed at last. */
const LAST_HEADERS_MS = 2_000

/** A node:http server with limits against slow and oversized requests; what its parser refuses is a problem, too. */
export const startServer = async (options: ServerOptions): Promise<HttpServer> => {
  const { handler, host, port, newRequestId, settings, patience = PATIENCE } = options
  const server = createHttpServer({
    headersTimeout: patience.headers,
    requestTimeout: patience.request,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: patience.checkEvery,
    // Looked at by the app, as the server's own answer would be an empty one.
    requireHostHeader: false,
  })
  const sockets = new Map<Socket, Use>()
  let stopping = false
  server.on('connection', (socket) => {
    sockets.set(socket, { bytes: 0, answeredAt: Number.NEGATIVE_INFINITY, open: [] })
    socket.once('close', () => sockets.delete(socket))
  })
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    // While stopping, each answer is the last of its connection.
    if (stopping) response.setHeader('Connection', 'close')
    const use = sockets.get(request.socket)
    use?.open.push(response)
    response.once('close', () => {
      if (use === undefined) return
      use.open.splice(use.open.indexOf(response), 1)
      use.answeredAt = performance.now()
    })
    handler(request, response)
  }
  server.on('request', onRequest)
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    // An answer without a word to go on leaves open whether the body still comes: the connection ends with it.
    response.shouldKeepAlive = false
    onRequest(request, response)
  })
  server.on('checkExpectation', onRequest)
  server.on('connect', (_request, socket) => refuseRaw(socket, 'NOT_IMPLEMENTED', newRequestId(), settings))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    const answering = (socket as Socket & { _httpMessage?: ServerResponse | null })._httpMessage
    if (answering?.req.complete === true && !answering.headersSent && !answering.destroyed) {
      // An earlier request was whole: its answer is the last one.
      answering.setHeader('Connection', 'close')
      return
    }
    if (error.code === 'ECONNRESET' || answering?.headersSent === true) socket.destroy()
    else refuseRaw(socket, CODES[error.code ?? ''] ?? 'BAD_REQUEST', newRequestId(), settings)
  })

  await listen(server, host, port)
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    server,
    stop: async () => {
      // Not the close of node:http, which ends idle connections at once.
      const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()))
      stopping = true
      for (const { open } of sockets.values())
        for (const response of open) if (!response.headersSent) response.setHeader('Connection', 'close')
      const deadline = performance.now() + LAST_HEADERS_MS
      const idle = setInterval(() => {
        const now = performance.now()
        for (const [socket, use] of sockets) {
          const quiet = socket.bytesRead === use.bytes || now > deadline
          use.bytes = socket.bytesRead
          if (quiet && now > use.answeredAt + IN_USE_MS && use.open.length === 0) socket.destroy()
        }
      }, LAST_REQUESTS_MS)
      await closed.finally(() => clearInterval(idle))
    },
  }
}

const CODES: Readonly<Record<string, RefusalCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'BODY_TOO_LARGE',
  HPE_INVALID_METHOD: 'NOT_IMPLEMENTED',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
}

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((listening, failed) => {
    const fail = (error: NodeJS.ErrnoException): void => failed(explained(error, host, port))
    server.once('error', fail)
    server.listen(port, host, () => {
      server.off('error', fail)
      listening()
    })
  })

/** The usual mistakes, in words. */
const explained = (error: NodeJS.ErrnoException, host: string, port: number): Error => {
  switch (error.code) {
    case 'EADDRINUSE':
      return because(`PORT=${port} is taken by another process on ${host}; set PORT to a free one, or stop the other`)
    case 'EACCES':
      return because(`PORT=${port} may not be opened by this user; set PORT to one above 1023`)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EINVAL':
      return because(`HOST=${host} is no address of this machine; for example HOST=0.0.0.0`)
    default:
      return error
  }
  function because(message: string): Error {
    return Object.assign(new Error(message, { cause: error }), { code: error.code })
  }
}
