import { createTestClock } from '@pebbles/core/testing'
import { openMongoMigration } from '../src/index.ts'
import { LEGACY } from './legacy-client.ts'

/**
 * A process that migrates: `node migrator.ts URI up|down REST [KILL]`. With KILL it ends itself by SIGKILL around its
 * KILL-th command: even numbers before the answer, odd ones after it. Prints how many commands it sent, and its report.
 */
const [uri = '', action = '', restFile = '', killAt = '0'] = process.argv.slice(2)
const kill = Number(killAt)
let started = 0
let answered = 0
await using migration = await openMongoMigration({
  ...{ uri, clock: createTestClock(), legacyClient: LEGACY },
  watch: {
    started: () => {
      started += 1
      // The command is on its way by then.
      if (kill % 2 === 0 && started === kill) setImmediate(() => process.kill(process.pid, 'SIGKILL'))
    },
    succeeded: () => {
      answered += 1
      if (kill % 2 === 1 && answered === kill) process.kill(process.pid, 'SIGKILL')
    },
  },
})
const report = action === 'down' ? await migration.down({ park: true, restFile }) : await migration.up()
process.stdout.write(JSON.stringify({ commands: started, report }))
