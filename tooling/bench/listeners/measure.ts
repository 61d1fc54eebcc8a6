import { readFileSync } from 'node:fs'
import { startMongo } from '@pebbles/services'
import { createCaller } from '../../e2e/http-caller.ts'
import { startCrowd } from '../../e2e/listener-crowd.ts'
import { aToken, dataFolder, startHttpProcess } from '../../e2e/start-http-process.ts'

/**
 * How soon the listeners of one process are told what another wrote, and what they cost it: `LISTENERS=10000`.
 * `measure.ts sqlite`, or `measure.ts mongo` on a replica set of one, by its change stream.
 */
const LISTENERS = Number(process.env['LISTENERS'] ?? 10_000)
const WRITES = Number(process.env['BENCH_WRITES'] ?? 20)
const CLIENT = 'krn:acme:client:crowd'
/** The processes that are started here may open as many files as this one: each listener is one. */
const filesOf = Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 0)
if (filesOf < LISTENERS + 200) throw new Error(`ulimit -n is ${filesOf}: call it with ${LISTENERS + 200} first`)

await using folder = await dataFolder()
const mongo = process.argv[2] === 'mongo' ? await startMongo({ topology: 'replica-set', wholeCache: true }) : null
const store = mongo === null ? {} : { MONGO_URI: await mongo.database('listeners') }
const environment = { ...store, SSE_MAX: String(LISTENERS) }
await using writer = await startHttpProcess({ dataDir: folder.path, environment: store })
await using listened = await startHttpProcess({ dataDir: folder.path, environment })
const memory = (): number => {
  const status = readFileSync(`/proc/${listened.child.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024
}
const before = memory()
const joining = performance.now()
using crowd = await startCrowd(listened.port, CLIENT, LISTENERS)
console.log(`${LISTENERS} joined in ${Math.round(performance.now() - joining)} ms`)
using http = createCaller(writer.port)
const token = await aToken()
const waits: number[] = []
for (let n = 0; n < WRITES; n += 1) {
  const sent = performance.now()
  const body = { filename: 'one.csv', counts: { done: 1, warn: 0, failed: 0 } }
  const { json } = await http.call({ path: `/clients/${CLIENT}/progress`, token, body })
  const told = await Promise.race([crowd.told('one.csv', json.counts.done), crowd.cutOff])
  waits.push(...told.map((at) => at - sent))
}
waits.sort((a, b) => a - b)
const at = (q: number): number => Math.round(waits[Math.ceil(waits.length * q) - 1] ?? 0)
console.log(`told after p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, all ${at(1)} ms`)
console.log(`memory ${Math.round(before)} MB alone, ${Math.round(memory())} MB with them`)
await mongo?.stop()
