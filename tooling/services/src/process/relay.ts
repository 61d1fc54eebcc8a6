import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands in front of a server: each connection of a client has one of its own behind. */
export interface Relay {
  readonly port: number
  /** Closes every connection, and takes no more. */
  readonly close: () => void
}

const HOST = '127.0.0.1'

/** Takes connections at a port, any free one unless said; what goes through each is for `pass` to say. */
export const startRelay = async (
  serverPort: number,
  pass: (client: Socket, server: Socket) => void,
  port = 0,
): Promise<Relay> => {
  const sockets = new Set<Socket>()
  const listener = createServer((client) => {
    const server = connect(serverPort, HOST)
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
    pass(client, server)
  })
  await new Promise<void>((done) => listener.listen(port, HOST, done))
  listener.unref()
  return {
    port: (listener.address() as AddressInfo).port,
    close: () => {
      listener.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
