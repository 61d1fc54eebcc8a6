import type { Socket } from 'node:net'
import { answersTo, commandOf, idOf, OP_MSG, opcodeOf, readMessages } from '../cluster/wire-messages.ts'
import { type Relay, startRelay } from '../process/relay.ts'

/** What becomes of a command: it is served, or its connection is closed before the server had it, or before its answer. */
export type Fate = 'served' | 'lost' | 'answer lost'

/** What a driver asks for by itself, at times of its own. */
const OF_THE_DRIVER = new Set(['hello', 'ismaster', 'isMaster', 'endSessions', 'killCursors'])

/**
 * Stands in front of one server, and a driver that connects to it directly stays with it; `decide` hears of each command,
 * one at a time for each connection, and says its fate.
 */
export const startMongoProxy = (
  serverPort: number,
  decide: (command: string) => Fate | Promise<Fate>,
): Promise<Relay> => startRelay(serverPort, (client, server) => pass(client, server, decide))

const pass = (client: Socket, server: Socket, decide: (command: string) => Fate | Promise<Fate>): void => {
  const unheard = new Set<number>()
  readMessages(client, async (message) => {
    const name = opcodeOf(message) === OP_MSG ? (Object.keys(commandOf(message).body)[0] ?? '') : 'hello'
    const fate = OF_THE_DRIVER.has(name) ? 'served' : await decide(name)
    if (fate === 'lost') return void client.destroy()
    if (fate === 'answer lost') unheard.add(idOf(message))
    server.write(message)
  })
  readMessages(server, async (message) => {
    if (unheard.has(answersTo(message))) client.destroy()
    else client.write(message)
  })
}
