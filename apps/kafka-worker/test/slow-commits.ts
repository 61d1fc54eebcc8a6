import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, startRelay } from '@pebbles/services'

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

/**
 * A proxy before a broker that is slow with commits of offsets alone. As with a broker whose own topic of offsets is slow,
 * what a client asks after one on the same connection waits for its answer.
 */
export const startSlowCommits = async (): Promise<SlowCommits> => {
  const [port, target] = [await freePort(), await freePort()]
  let [holdMs, held] = [0, 0]
  const pass = async (client: Socket, broker: Socket): Promise<void> => {
    broker.pipe(client)
    for await (const request of requestsOf(client)) {
      if (holdMs > 0 && request.readInt16BE(SIZE_BYTES) === OFFSET_COMMIT) {
        held += 1
        await delay(holdMs)
      }
      if (!broker.write(request)) await once(broker, 'drain')
    }
  }
  const relay = await startRelay(
    target,
    (client, broker) => void pass(client, broker).catch(() => client.destroy()),
    port,
  )
  return {
    port,
    target,
    hold: (ms) => {
      holdMs = ms
    },
    held: () => held,
    [Symbol.asyncDispose]: async () => relay.close(),
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
