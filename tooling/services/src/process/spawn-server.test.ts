import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { freePort } from './free-port.ts'
import { type Place, spawnServer } from './spawn-server.ts'

it('finds ports in a row that nobody has, and none that a system gives to whoever calls out', async () => {
  const port = await freePort(2)
  for (const one of [port, port + 1]) {
    const server = createServer().listen(one, '127.0.0.1')
    await once(server, 'listening')
    server.close()
  }
  expect(port).toBeLessThan(32_768)
})

it('takes another port and another folder when the port was taken in between, and says why it gives up', async () => {
  const places: Place[] = []
  const plan = (lasting: number, says: string) => ({
    name: 'test',
    command: process.execPath,
    args: () => [
      '-e',
      places.length > lasting ? 'setInterval(() => {}, 1000)' : `console.error('${says}');process.exit(1)`,
    ],
    prepare: async (place: Place) => void places.push(place),
    check: async () => {
      if (places.length <= lasting) throw new Error('not yet')
    },
  })
  await using server = await spawnServer(plan(1, 'bind: Address already in use'))
  expect(server.port).toBe(places[1]?.port)
  expect(places.map(({ folder }) => existsSync(folder))).toEqual([false, true])
  expect(places[0]?.port).not.toBe(places[1]?.port)
  places.length = 0
  await expect(spawnServer(plan(1, 'no such setting'))).rejects.toThrow('no such setting')
  expect(places.map(({ folder }) => existsSync(folder))).toEqual([false])
})
