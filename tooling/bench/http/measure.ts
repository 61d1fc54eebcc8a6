import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { startMongo } from '@pebbles/services'
import { SignJWT } from 'jose'
import { mean, quotients } from '../quotients.ts'
import { postLoad, postRequest } from './load.ts'
import { rawWrites } from './raw-writes.ts'

/**
 * POST acknowledged/s, 100 hot files, 64 connections: ours against the platform's floor, our stack alone and the old way
 * on the same store. `measure.ts sqlite`, or `measure.ts mongo` on a replica set of one.
 */
const store = process.argv[2] === 'mongo' ? 'mongo' : 'sqlite'
/**
 * What is measured has a processor to itself, and the load and the database share the others: else the scheduler puts
 * threads of mongod on it while another is idle, and how often is chance.
 */
const ALONE = store === 'mongo' && process.env['BENCH_PINNED'] !== '0'
// All that this process starts later stays where it is.
if (ALONE) execFileSync('taskset', ['-a', '-p', '-c', `1-${availableParallelism() - 1}`, String(process.pid)])
const mongo = store === 'mongo' ? await startMongo({ topology: 'replica-set', wholeCache: true }) : null
const MONGO_URI = (await mongo?.database('bench')) ?? ''
const SECRET = 'a secret for the bench of at least 32 bytes'
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 3)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const FILES = 100
const WARM = 10_000
const WARM_SECONDS = 15
const STACK = 'storing nothing'
const NAMES = ['bare', STACK, store, `old way on ${store}`]
/** Our stack before and after what is measured by it: what a machine with neighbours does meanwhile is in both. */
const TURNS = ['bare', STACK, store, STACK, `old way on ${store}`]

const token = await new SignJWT({ email: 'bench@example.com' })
  .setProtectedHeader({ alg: 'HS256' })
  .setExpirationTime('1h')
  .sign(new TextEncoder().encode(SECRET))

const startServer = async (name: string): Promise<{ child: ChildProcess; port: number }> => {
  const command = [process.execPath, fileURLToPath(new URL('servers.ts', import.meta.url)), name]
  const [program = '', ...args] = ALONE ? ['taskset', '-c', '0', ...command] : command
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, BENCH_SECRET: SECRET, BENCH_MONGO_URI: MONGO_URI },
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, port: Number(line.toString()) }
}

const requests = Array.from({ length: FILES }, (_, n) =>
  postRequest('/clients/krn:acme:client:bench/progress', token, {
    filename: `import-${n}.csv`,
    counts: { done: 100, warn: 1, failed: 0 },
    total: 1_000_000,
  }),
)

/** By the number of requests and not by time: until its code is compiled a slow server is slower than it is. */
const warmUp = async (port: number): Promise<void> => {
  let answered = 0
  for (let second = 0; answered < WARM && second < WARM_SECONDS; second += 1)
    answered += (await postLoad(port, requests, { seconds: 1 })).rate
}

const servers = new Map<string, { child: ChildProcess; port: number }>()
for (const name of NAMES) servers.set(name, await startServer(name))
const portOf = (name: string): number => servers.get(name)?.port ?? 0
for (const name of NAMES) await warmUp(portOf(name))

const rounds: Map<string, number[]>[] = []
for (let round = 1; round <= ROUNDS; round += 1) {
  const rates = new Map<string, number[]>()
  for (const name of TURNS) {
    // While the others were measured it rested: what is asked for is the rate that it keeps up.
    await postLoad(portOf(name), requests, { seconds: 1 })
    const { rate, refused, p50, p99 } = await postLoad(portOf(name), requests, { seconds: SECONDS })
    if (refused > 0) throw new Error(`${name}: ${refused} answers were not 2xx`)
    rates.set(name, [...(rates.get(name) ?? []), rate])
    console.log(`round ${round}  ${name.padEnd(18)} ${Math.round(rate)}/s  p50 ${p50} ms  p99 ${p99} ms`)
  }
  rounds.push(rates)
}
const rateOf = (round: Map<string, number[]>, name: string): number => mean(round.get(name) ?? [])
for (const [what, other] of [
  ['of our stack storing nothing', STACK],
  ['of a bare server', 'bare'],
  ['times the old way', `old way on ${store}`],
] as const)
  console.log(`${what.padEnd(30)} ${quotients(rounds.map((round) => [rateOf(round, store), rateOf(round, other)]))}`)

if (mongo !== null) {
  const p50s: [number, number][] = []
  for (const _ of rounds) {
    // Files that rested while the raw writes were measured are soon known again as written all the time.
    await postLoad(portOf(store), requests, { connections: 1, seconds: SECONDS / 2 })
    const ours = await postLoad(portOf(store), requests, { connections: 1, seconds: SECONDS / 2 })
    p50s.push([ours.p50, await rawWrites(MONGO_URI, SECONDS / 2)])
  }
  console.log(`one caller, and a raw insert and update, p50 ms: ${p50s.map((pair) => pair.join(' and ')).join(', ')}`)
  console.log(`${'times the raw writes'.padEnd(30)} ${quotients(p50s)}`)
}
for (const { child } of servers.values()) {
  child.kill('SIGKILL')
  await once(child, 'exit')
}
await mongo?.stop()
