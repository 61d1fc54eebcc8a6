import { describe, expect, it } from 'vitest'
import { createBodyTurns } from '../src/edge/body-turns.ts'
import { openConnection } from './raw-socket.ts'
import { aToken, startApp } from './start-app.ts'

const MIB = 1024 * 1024

describe('turns of bodies', () => {
  /** Work that is over when the test says so. */
  const held = (): {
    readonly work: () => Promise<string>
    readonly end: () => void
    readonly begun: () => boolean
  } => {
    let begun = false
    let end = (): void => undefined
    const over = new Promise<void>((resolve) => {
      end = resolve
    })
    return {
      begun: () => begun,
      end: () => end(),
      work: async () => {
        begun = true
        await over
        return 'done'
      },
    }
  }

  it('let as many begin as fit, in order, and the next when one is over', async () => {
    const { working } = createBodyTurns(5 * MIB)
    const all = [5, 4, 2, 1].map((mebibytes) => ({ bytes: mebibytes * MIB, ...held() }))
    const running = all.map(({ bytes, work }) => working(bytes, work))
    const begun = async (): Promise<boolean[]> => {
      await new Promise(setImmediate)
      return all.map((one) => one.begun())
    }
    // The last would fit, but is not to pass the one before.
    expect(await begun()).toEqual([true, true, false, false])
    all[1]?.end()
    expect(await begun()).toEqual([true, true, true, true])
    for (const one of all) one.end()
    expect(await Promise.all(running)).toEqual(['done', 'done', 'done', 'done'])
  })

  it('never hold up a small body, run one that is larger than all alone, and go on after a failure', async () => {
    const { working } = createBodyTurns(MIB)
    const large = held()
    const running = working(50 * MIB, large.work)
    expect(await working(60_000, async () => 'small')).toBe('small')
    const failing = working(MIB, () => Promise.reject(new Error('no')))
    large.end()
    await running
    await expect(failing).rejects.toThrow('no')
    expect(await working(2 * MIB, async () => 'next')).toBe('next')
  })
})

it('a caller that leaves while its body waits for its turn keeps no place', async () => {
  await using app = await startApp({ settings: { maxBodyBytes: 40 * MIB } })
  const token = await aToken()
  const head = `POST /clients/krn:a:b/progress HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${40 * MIB}\r\n\r\n`
  const slow = await Promise.all(Array.from({ length: 4 }, () => openConnection(app.port)))
  for (const { write } of slow) write(`${head}{`)
  // Small ones go on meanwhile.
  const body = { filename: 'a.csv', counts: { done: 1, warn: 0, failed: 0 } }
  expect((await app.post('krn:a:b', body)).status).toBe(200)
  for (const { socket } of slow) socket.destroy()
  const large = { ...body, errors: [{ message: 'x'.repeat(60_000) }, { message: 'y'.repeat(60_000) }] }
  expect((await app.post('krn:a:b', large)).status).toBe(200)
  expect(app.log.filter(({ level }) => level === 'error')).toEqual([])
})
