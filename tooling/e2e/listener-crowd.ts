import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** Many who listen to one client, and parse no more of an event than which state of which file it tells. */
export interface ListenerCrowd extends Disposable {
  /** Resolves when each was told of a file with at least so many lines done: when each was, of `performance.now`. */
  readonly told: (filename: string, done: number) => Promise<readonly number[]>
  /** Rejects when one of them is cut off. */
  readonly cutOff: Promise<never>
}

const AT_ONCE = 200

/** Resolves when the server has said hello to each. */
export const startCrowd = async (port: number, client: string, size: number): Promise<ListenerCrowd> => {
  const { promise: cutOff, reject } = Promise.withResolvers<never>()
  cutOff.catch(() => undefined)
  const members: Member[] = []
  while (members.length < size)
    members.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(AT_ONCE, size - members.length) }, () => join(port, client, reject)),
      )),
    )
  return {
    cutOff,
    told: (filename, done) => Promise.all(members.map((member) => member.told(filename, done))),
    [Symbol.dispose]: () => {
      for (const { socket } of members) socket.destroy()
    },
  }
}

interface Member {
  readonly socket: Socket
  readonly told: (filename: string, done: number) => Promise<number>
}

const join = async (port: number, client: string, cutOff: (error: Error) => void): Promise<Member> => {
  const socket = connect({ port, host: '127.0.0.1' })
  const newest = new Map<string, number>()
  const hello = Promise.withResolvers<void>()
  let waiting: { filename: string; done: number; found: (at: number) => void } | null = null
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
    if (text.includes('event: hello')) hello.resolve()
    const end = text.lastIndexOf('\n\n')
    for (const [, filename, done] of text.slice(0, Math.max(0, end)).matchAll(STATE))
      newest.set(filename as string, Number(done))
    if (end >= 0) text = text.slice(end + 2)
    if (waiting === null || (newest.get(waiting.filename) ?? -1) < waiting.done) return
    waiting.found(performance.now())
    waiting = null
  })
  socket.on('error', cutOff).on('close', () => cutOff(new Error(`a listener was cut off after ${text.slice(0, 300)}`)))
  socket.write(`GET /clients/${client}/progress/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`)
  await Promise.race([hello.promise, once(socket, 'close')])
  return {
    socket,
    told: (filename, done) =>
      new Promise((found) => {
        if ((newest.get(filename) ?? -1) >= done) found(performance.now())
        else waiting = { filename, done, found }
      }),
  }
}

const STATE = /^data: \{.*?"filename":"([^"]*)".*?"counts":\{"done":(\d+)/gm
