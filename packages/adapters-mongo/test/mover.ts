import { type ClientKrn, createMoveFiles, type UpdateId } from '@pebbles/core'
import { ObjectId } from 'mongodb'
import { openMongoStore } from '../src/index.ts'
import { LEGACY } from './legacy-client.ts'
import { processClock as clock, processIds as ids } from './process-clock.ts'

/** A process that moves all files of one client to another: `node mover.ts URI FROM TO`. Ends with 0 when all are there. */
const [uri = '', from = '', to = ''] = process.argv.slice(2)
const store = await openMongoStore({
  ...{ uri, clock, ids, legacyClient: LEGACY },
  sweepEveryMs: 0,
})
const newId = (): UpdateId => `inner:${new ObjectId().toHexString()}`
const { move } = createMoveFiles({ reader: store, moves: store.moves, clock, newId })
process.stdout.write('begun\n')
await move({ from: from as ClientKrn, to: to as ClientKrn }, () => undefined)
await store.close()
