import type { Socket } from 'node:net'
import { BSON } from 'mongodb'
import { type Relay, startRelay } from '../process/relay.ts'
import type { Catalogue, Command } from './catalogue.ts'
import {
  answersTo,
  commandOf,
  idOf,
  OP_MSG,
  opcodeOf,
  readMessages,
  reply,
  withAnswer,
  withCommand,
} from './wire-messages.ts'

/** Commands that a shard of 6.0 runs as a router would, under another name: `find` as `clusterFind` and so on. */
const ROUTED = new Map(
  ['insert', 'update', 'delete', 'find', 'aggregate', 'getMore'].map((name) => [
    name,
    `cluster${name.charAt(0).toUpperCase()}${name.slice(1)}`,
  ]),
)
/** They count orphans, or a shard cannot route them. The product has no need of them. */
const REFUSED = new Set([
  ...['findAndModify', 'count', 'distinct', 'mapReduce', 'commitTransaction', 'abortTransaction'],
])
const SYSTEM = new Set(['admin', 'config', 'local'])
/** What a driver would read a replica set from. */
const OF_REPLICA_SET = [
  ...['setName', 'hosts', 'primary', 'me', 'setVersion', 'electionId', 'topologyVersion', 'secondary', 'lastWrite'],
  'isReplicaSet',
]

/** Stands for a mongos: each connection of a client has one of its own to the shard behind. */
export const startRouter = (shardPort: number, catalogue: Catalogue): Promise<Relay> =>
  startRelay(shardPort, (client, shard) => route(client, shard, catalogue))

const route = (client: Socket, shard: Socket, catalogue: Catalogue): void => {
  /** Ids of the greetings that wait for an answer. */
  const hellos = new Set<number>()
  readMessages(client, async (message) => {
    const id = idOf(message)
    if (opcodeOf(message) !== OP_MSG) {
      hellos.add(id)
      shard.write(message)
      return
    }
    const { body } = commandOf(message)
    const name = Object.keys(body)[0] ?? ''
    const database = String(body['$db'])
    if (name === 'hello' || name.toLowerCase() === 'ismaster') {
      hellos.add(id)
      shard.write(message)
      return
    }
    if (REFUSED.has(name)) {
      client.write(reply(failure(59, 'CommandNotFound', `the router of the tests has no ${name}`), id))
      return
    }
    const own = catalogue.commands.get(name)
    if (own !== undefined) {
      const command = BSON.deserialize(BSON.serialize(body)) as Command
      client.write(reply(await own(command).then((answer) => ({ ...answer, ok: 1 }), asFailure), id))
      return
    }
    const routed = ROUTED.get(name)
    if (routed === undefined || (SYSTEM.has(database) && !(name === 'aggregate' && database === 'admin'))) {
      shard.write(message)
      return
    }
    // A shard aborts on a routed write that may be retried, so its number goes.
    const { [name]: first, txnNumber: _, ...rest } = body
    shard.write(withCommand(message, { [routed]: first, ...rest }))
  })
  readMessages(shard, async (message) => {
    client.write(hellos.delete(answersTo(message)) ? withAnswer(message, asMongos) : message)
  })
}

const asMongos = (hello: Record<string, unknown>): Record<string, unknown> => {
  const own = Object.fromEntries(Object.entries(hello).filter(([key]) => !OF_REPLICA_SET.includes(key)))
  return { ...own, msg: 'isdbgrid', isWritablePrimary: true, ...('ismaster' in hello && { ismaster: true }) }
}

const failure = (code: number, codeName: string, errmsg: string): Record<string, unknown> => ({
  ok: 0,
  code,
  codeName,
  errmsg,
})

const asFailure = (error: { code?: number; codeName?: string; message: string }): Record<string, unknown> =>
  failure(error.code ?? 8, error.codeName ?? 'UnknownError', error.message)
