import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** @typedef {{ readonly code: number, readonly output: string }} Ended */

const FORWARDED = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
const LOOK_FOR_PARENT_EVERY_MS = 250

/**
 * Runs a program until it ends, and hands the signals on that this process gets meanwhile.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ readonly cwd: string, readonly env: NodeJS.ProcessEnv, readonly quiet?: boolean, readonly shell?: boolean }} options
 *   quiet: what it prints is kept in `output`
 * @returns {Promise<Ended>} code: 128 + the number of the signal that ended it; 127 when it could not be started
 */
export const runProgram = (command, args, { cwd, env, quiet = false, shell = false }) =>
  new Promise((done) => {
    const child = spawn(command, args, { cwd, env, shell, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit' })
    /** @type {Buffer[]} */
    const chunks = []
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => chunks.push(chunk))
    /** @type {NodeJS.Signals | null} */
    let received = null
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => {
      received = signal
      child.kill(signal)
    }
    for (const signal of FORWARDED) process.on(signal, forward)
    const stopWatching = watchParent(() => forward('SIGTERM'))
    /**
     * @param {number} code
     * @param {string} [more]
     */
    const end = (code, more = '') => {
      stopWatching()
      for (const signal of FORWARDED) process.off(signal, forward)
      done({ code, output: Buffer.concat(chunks).toString() + more })
    }
    child.on('error', (error) => end(127, error.message))
    child.on('close', (code, signal) => {
      // A program of setting up may turn a signal into an ordinary failure: for the caller it was the signal.
      const ended = quiet ? (received ?? signal) : signal
      end(ended ? 128 + constants.signals[ended] : (code ?? 1))
    })
  })

/**
 * Tells once when the npm that started this is gone: killed, it has no time to hand a signal on, and what it started
 * would run on with nobody knowing.
 * @param {() => void} onGone
 */
const watchParent = (onGone) => {
  if (!process.env['npm_lifecycle_event']) return () => undefined
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    onGone()
  }, LOOK_FOR_PARENT_EVERY_MS)
  return () => clearInterval(watch)
}
