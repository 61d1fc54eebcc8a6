import { once } from 'node:events'
import { connect } from 'node:net'
import { startStoreKinds } from '@pebbles/intake/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { startListener } from './event-listener.ts'
import { type Answer, createCaller } from './http-caller.ts'
import { aToken, dataFolder, type HttpProcess, startHttpProcess } from './start-http-process.ts'

const CLIENT = 'krn:acme:client:prod-001'
const PROGRESS = `/clients/${CLIENT}/progress`
const counts = { done: 1, warn: 0, failed: 0 }
const CONNECTIONS = 40

/** Heavy enough that many are under way at any moment. */
const bodyOf = (writer: number): object => ({
  filename: `${writer % 10}.csv`,
  counts,
  errors: Array.from({ length: 50 }, (_, line) => ({ line: line + 1, message: `value ${line} is not a number` })),
})

/** A request whose body never ends. */
const hangingRequest = async ({ port }: HttpProcess): Promise<Disposable> => {
  const token = await aToken()
  const socket = connect({ port, host: '127.0.0.1' })
  await once(socket, 'connect')
  socket.on('error', () => undefined)
  socket.write(
    `POST ${PROGRESS} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{`,
  )
  // Its turn has come once a request that was sent later is answered.
  using caller = createCaller(port)
  await caller.call({ path: '/health' })
  return { [Symbol.dispose]: () => socket.destroy() }
}

const stores = await startStoreKinds()
afterAll(() => stores.stop())

describe.each(stores.kinds)('a process on $name that is told to stop', ({ open }) => {
  it('cuts no request, ends with 0, and keeps every answer', { timeout: 300_000 }, async () => {
    await using scene = await open()
    const { folder: dataDir, environment } = scene
    await using process = await startHttpProcess({ dataDir, environment })
    const token = await aToken()
    let applied = 0
    let cut = 0
    let left = 0
    let told = false
    /** Whose connection the process has taken: one that still waits to be taken when it stops listening is refused. */
    const taken = new Set<number>()
    const writers = Array.from({ length: CONNECTIONS }, async (_, writer) => {
      using caller = createCaller(process.port)
      for (;;) {
        if (applied >= 3 * CONNECTIONS && taken.size === CONNECTIONS && !told) {
          told = true
          process.child.kill('SIGTERM')
        }
        const answer: Answer | null = await caller
          .call({ path: PROGRESS, token, body: bodyOf(writer) })
          .catch((): null => null)
        if (answer === null) {
          cut += 1
          return
        }
        expect(answer.status).toBe(200)
        applied += 1
        taken.add(writer)
        if (answer.headers['connection'] === 'close') {
          left += 1
          return
        }
      }
    })
    await Promise.all(writers)
    const { how, log } = await process.ended
    expect({ how, cut, left }).toEqual({ how: 0, cut: 0, left: CONNECTIONS })
    expect(log.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([])

    await using again = await startHttpProcess({ dataDir, environment })
    using caller = createCaller(again.port)
    expect((await caller.call({ path: `${PROGRESS}/summary` })).json).toMatchObject({
      files: 10,
      counts: { done: applied },
    })
  })
})

describe('a process that is told to stop', () => {
  it('ends idle connections and takes no new one', async () => {
    await using folder = await dataFolder()
    await using process = await startHttpProcess({ dataDir: folder.path })
    using idle = createCaller(process.port)
    expect((await idle.call({ path: '/health' })).status).toBe(200)
    // Browsers open connections before they have anything to say.
    const silent = connect({ port: process.port, host: '127.0.0.1' })
    const partial = connect({ port: process.port, host: '127.0.0.1' })
    for (const socket of [silent, partial]) {
      socket.on('error', () => undefined)
      await once(socket, 'connect')
    }
    partial.write('GET /health HTTP/1.1\r\nX: ')
    const drip = setInterval(() => partial.writable && partial.write('x'), 50)
    process.child.kill('SIGTERM')
    const { how, log } = await process.ended.finally(() => clearInterval(drip))
    expect({ how, late: log.filter(({ level }) => level === 'error') }).toEqual({ how: 0, late: [] })
    using late = createCaller(process.port)
    await expect(late.call({ path: '/health' })).rejects.toThrow(/ECONNREFUSED/)
  })

  it('ends though a listener comes back at once, on the same connection', async () => {
    await using folder = await dataFolder()
    await using process = await startHttpProcess({ dataDir: folder.path })
    await using _ = await startListener(process.url, CLIENT)
    process.child.kill('SIGTERM')
    const { how, log } = await process.ended
    expect([how, log.filter(({ level }) => level === 'error')]).toEqual([0, []])
  })

  it('ends at once when told a second time', async () => {
    await using folder = await dataFolder()
    await using process = await startHttpProcess({ dataDir: folder.path })
    using _ = await hangingRequest(process)
    process.child.kill('SIGTERM')
    await process.logged('stopping')
    process.child.kill('SIGTERM')
    expect((await process.ended).how).toBe(143)
  })

  it('gives up after SHUTDOWN_TIMEOUT_MS, and says on what', async () => {
    await using folder = await dataFolder()
    await using process = await startHttpProcess({ dataDir: folder.path, environment: { SHUTDOWN_TIMEOUT_MS: '300' } })
    using _ = await hangingRequest(process)
    process.child.kill('SIGINT')
    const { how, log } = await process.ended
    expect(how).toBe(1)
    expect(log).toContainEqual(expect.objectContaining({ level: 'error', part: 'http', msg: 'did not stop in time' }))
  })
})
