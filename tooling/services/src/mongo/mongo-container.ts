import { freePort } from '../process/free-port.ts'
import { startContainer } from '../provide/container.ts'
import { commandAt, type MongoNode } from './mongod.ts'
import { initiate } from './replica-set.ts'

const IMAGE = process.env['PEBBLES_TEST_MONGO_IMAGE'] ?? 'mongo:8'

/** One mongod in a container, alone or as a replica set of one. */
export const startMongoContainer = async (topology: 'standalone' | 'replica-set'): Promise<MongoNode> => {
  const port = await freePort()
  const alone = topology === 'standalone'
  // The member's name in the set must lead to it from within and from outside: so one port on both sides.
  const inner = alone ? 27017 : port
  const server = await startContainer({
    image: IMAGE,
    command: [
      ...['mongod', '--bind_ip_all', '--port', `${inner}`, '--setParameter', 'enableTestCommands=1'],
      ...(alone ? [] : ['--replSet', 'rs']),
    ],
    ports: [{ container: inner, host: port }],
    check: async () => {
      await commandAt(port, { hello: 1 })
    },
  })
  const node = { ...server, port, pid: () => undefined, command: (body: object) => commandAt(port, { ...body }) }
  if (!alone) await initiate('rs', [node])
  return node
}
