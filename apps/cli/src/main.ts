import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Context, Output, StopSignal } from './context.ts'
import { exitOfSignal } from './exit-codes.ts'
import { inspectStore, openMigration, openStore } from './open-store.ts'

/** One press of Ctrl-C arrives up to three times, as the terminal, npm and its child each pass it on. */
const SAME_PRESS_MS = 300

const onSignal: Context['onSignal'] = (first, again = (signal) => process.exit(exitOfSignal(signal))) => {
  let pressedAt: number | null = null
  const listener = (signal: NodeJS.Signals): void => {
    const now = performance.now()
    if (pressedAt === null) first(signal as StopSignal)
    else if (now - pressedAt > SAME_PRESS_MS) again(signal as StopSignal)
    else return
    pressedAt ??= now
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, listener)
  return () => {
    for (const signal of signals) process.off(signal, listener)
  }
}

const colorOf = (stream: Output): boolean =>
  stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb'

// A reader that has gone is an answer to a write, and no crash.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

// Stripping types is most of a short command's time: once for each version of a file is enough, here and in the
// processes that are started. In the clone, not in a folder for all: what lies there is run.
const cache = fileURLToPath(new URL('../../../node_modules/.cache/pebbles-compiled', import.meta.url))
process.env['NODE_COMPILE_CACHE'] ??= cache
enableCompileCache(process.env['NODE_COMPILE_CACHE'])
const { runCli } = await import('./command-line/program.ts')

process.exitCode = await runCli(process.argv.slice(2), {
  environment: async () => (await import('@pebbles/runtime')).readEnvironment(),
  // npm runs scripts in the project's folder, and keeps where its user stood.
  cwd: process.env['npm_lifecycle_event'] === undefined ? process.cwd() : (process.env['INIT_CWD'] ?? process.cwd()),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  color: { stdout: colorOf(process.stdout), stderr: colorOf(process.stderr) },
  now: Date.now,
  onSignal,
  openStore,
  inspectStore,
  openMigration,
})
