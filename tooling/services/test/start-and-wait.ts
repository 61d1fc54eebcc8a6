import { startMongo } from '../src/index.ts'

/** A process that starts a server, says where, and then does nothing. */
const mongo = await startMongo({ topology: 'standalone', faults: true })
const node = await mongo.primary()
const options = await node.command({ getCmdLineOpts: 1 })
const { storage } = options['parsed'] as { readonly storage: { readonly dbPath: string } }
process.stdout.write(`${JSON.stringify({ pid: node.pid(), folder: storage.dbPath })}\n`)
setInterval(() => {}, 60_000)
