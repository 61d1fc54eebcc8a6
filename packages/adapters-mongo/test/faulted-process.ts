import { type MongoNode, startMongoProxy } from '@pebbles/services'
import type { MongoStore } from '../src/index.ts'
import type { BenchSubject } from './bench.ts'
import type { Scene } from './fault-scenes.ts'

/**
 * What goes wrong with one command: its connection is closed before the server has it, or before its answer; the server
 * says a code in its place; or the process is killed. The kill before a command is the one after the command before.
 */
export type Fault = 'lost' | 'answer lost' | 10_107 | 91 | 'killed'

/** A process of its own, as far as its server sees: it works through connections that fail as they are told. */
export interface FaultedProcess {
  readonly store: MongoStore
  /** What it was asked and answered; one that is killed, or has no store, answers `unavailable`. */
  readonly ask: (scene: Scene) => Promise<readonly string[]>
  /** The commands that it sent for the first that it was asked, of which one meets the fault. */
  readonly commands: readonly string[]
  readonly killed: () => boolean
  readonly close: () => Promise<void>
}

/** Starts one whose command of that number, from 1, meets the fault, if it comes to it; null for none. */
export const startFaulted = async (
  test: BenchSubject,
  node: MongoNode,
  meets: { readonly fault: Fault; readonly at: number } | null,
): Promise<FaultedProcess> => {
  const commands: string[] = []
  const death = Promise.withResolvers<readonly string[]>()
  let asked: 'not yet' | 'now' | 'before' = 'not yet'
  let killed = false
  const proxy = await startMongoProxy(node.port, async (command) => {
    if (asked !== 'now') return 'served'
    commands.push(command)
    if (meets === null || commands.length !== meets.at) return 'served'
    const { fault } = meets
    if (fault === 'killed') {
      killed = true
      proxy.close()
      death.resolve(['unavailable'])
      return 'lost'
    }
    if (typeof fault === 'string') return fault
    // The server itself says what goes with the code.
    const data = { failCommands: [command], appName: FAULTED, errorCode: fault }
    await node.command({ configureFailPoint: 'failCommand', mode: { times: 1 }, data })
    return 'served'
  })
  const database = new URL(test.uri).pathname
  // What the driver sends again by itself would hide from the store that a connection was lost.
  const retries = typeof meets?.fault === 'string' ? '&retryReads=false&retryWrites=false' : ''
  // It waits for the next heartbeat of a server that says it is going down: here not for 2 s.
  const options = `directConnection=true&appName=${FAULTED}&heartbeatFrequencyMS=50&minHeartbeatFrequencyMS=20${retries}`
  const store = await test.connect({ uri: `mongodb://127.0.0.1:${proxy.port}${database}?${options}` })
  return {
    store,
    commands,
    killed: () => killed,
    ask: async (scene) => {
      if (asked === 'not yet') {
        await scene.warm?.(store, test.clock)
        asked = 'now'
      }
      const answer = scene.ask(store, test.clock).catch((error: { readonly code?: string }) => {
        if (error.code !== 'STORE_UNAVAILABLE') throw error
        return ['unavailable']
      })
      const answers = await Promise.race([answer, death.promise])
      asked = 'before'
      return answers
    },
    close: async () => {
      await store.close()
      proxy.close()
    },
  }
}

const FAULTED = 'faulted'
