import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { answersTo, commandOf, idOf, OP_MSG, opcodeOf, readMessages } from '../cluster/wire-messages.ts'

/** What becomes of a command: it is served, or its connection is closed before the server had it, or before its answer. */
export type Fate = 'served' | 'lost' | 'answer lost'

export interface MongoProxy extends AsyncDisposable {
  /** A driver that connects to it directly sees the one server behind it, and stays with it. */
  readonly port: number
  /** Closes every connection, and takes no more. */
  readonly cut: () => void
}

/** What a driver asks for by itself, at times of its own. */
const OF_THE_DRIVER = new Set(['hello', 'ismaster', 'isMaster', 'endSessions', 'killCursors'])

/** Stands in front of one server; `decide` hears of each command, one at a time for each connection, and says its fate. */
export const startMongoProxy = async (
  serverPort: number,
  decide: (command: string) => Fate | Promise<Fate>,
): Promise<MongoProxy> => {
  const sockets = new Set<Socket>()
  const listener = createServer((client) => {
    const server = connect(serverPort, '127.0.0.1')
    for (const [end, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(end)
      end.on('error', () => other.destroy())
      end.on('close', () => {
        sockets.delete(end)
        other.destroy()
      })
    }
    pass(client, server, decide)
  })
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done))
  listener.unref()
  const cut = (): void => {
    listener.close()
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (listener.address() as AddressInfo).port,
    cut,
    [Symbol.asyncDispose]: async () => cut(),
  }
}

const pass = (client: Socket, server: Socket, decide: (command: string) => Fate | Promise<Fate>): void => {
  const unheard = new Set<number>()
  readMessages(client, async (message) => {
    const name = opcodeOf(message) === OP_MSG ? (Object.keys(commandOf(message).body)[0] ?? '') : 'hello'
    const fate = OF_THE_DRIVER.has(name) ? 'served' : await decide(name)
    if (fate === 'lost') return void client.destroy()
    if (fate === 'answer lost') unheard.add(idOf(message))
    server.write(message)
  })
  readMessages(server, async (message) => {
    if (unheard.has(answersTo(message))) client.destroy()
    else client.write(message)
  })
}
