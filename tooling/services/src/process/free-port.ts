import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

// Below those that a system gives to whoever calls out (from 32768 on Linux, 49152 elsewhere): one of these is still
// free when a server has come so far as to listen, seconds later, and when it comes back after a kill.
const LOWEST = 20_000
const HIGHEST = 32_767

/** Whoever got one may come to listen only seconds later. */
const given = new Set<number>()

/** A port of 127.0.0.1 that nobody listens at; `inRow` says how many are free from it on. */
export const freePort = async (inRow = 1): Promise<number> => {
  for (;;) {
    const first = randomInt(LOWEST, HIGHEST + 2 - inRow)
    const ports = Array.from({ length: inRow }, (_, index) => first + index)
    if (ports.some((port) => given.has(port))) continue
    for (const port of ports) given.add(port)
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? done(false) : fail(error)))
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)))
  })
