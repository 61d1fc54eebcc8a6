import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '@pebbles/services'

export interface SlowCommits extends AsyncDisposable {
  readonly port: number
  /** Where the broker awaits who comes by it. */
  readonly target: number
  /** From now on a commit of offsets is held so long (ms). */
  readonly hold: (ms: number) => void
  /** How many were held. */
  readonly held: () => number
}

const OFFSET_COMMIT = 8
const HOST = '127.0.0.1'

/**
 * A proxy before a broker that is slow with commits of offsets alone. As with a broker whose own topic of offsets is slow,
 * what a client asks after one on the same connection waits for its answer.
 */
export const startSlowCommits = async (): Promise<SlowCommits> => {
  const [port, target] = [await freePort(), await freePort()]
  const sockets = new Set<Socket>()
  let [holdMs, held] = [0, 0]
  const pass = async (client: Socket): Promise<void> => {
    const broker = connect(target, HOST)
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => undefined)
      socket.once('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    broker.pipe(client)
    for await (const request of requestsOf(client)) {
      if (holdMs > 0 && request.readInt16BE(SIZE_BYTES) === OFFSET_COMMIT) {
        held += 1
        await delay(holdMs)
      }
      if (!broker.write(request)) await once(broker, 'drain')
    }
  }
  const server = createServer((client) => void pass(client).catch(() => client.destroy()))
  server.listen(port, HOST)
  await once(server, 'listening')
  return {
    port,
    target,
    hold: (ms) => {
      holdMs = ms
    },
    held: () => held,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

const SIZE_BYTES = 4

/** Each with its size before it. */
async function* requestsOf(client: Socket): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const bytes of client as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, bytes])
    while (rest.length >= SIZE_BYTES && rest.length >= SIZE_BYTES + rest.readInt32BE(0)) {
      const end = SIZE_BYTES + rest.readInt32BE(0)
      yield rest.subarray(0, end)
      rest = rest.subarray(end)
    }
  }
}
