import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runProgram } from './run-program.mjs'
import { SetUpError, setUp } from './set-up.mjs'
import { locateToolchain, withToolchain } from './toolchain.mjs'

/** @type {Readonly<Record<string, readonly string[]>>} */
const TASKS = {
  start: ['apps/cli/src/main.ts', 'start'],
  demo: ['apps/cli/src/main.ts', 'demo'],
  pebbles: ['apps/cli/src/main.ts'],
  test: ['tooling/vitest/src/run-lanes.ts'],
  check: ['tooling/vitest/src/check.ts'],
}

/**
 * Sets up what is missing, then runs the task on the project's Node and ends as it ends.
 * @param {readonly string[]} argv the task and its arguments
 */
export const runTask = async ([task = '', ...args]) => {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
  const program = Object.hasOwn(TASKS, task) ? TASKS[task] : undefined
  if (!program) {
    say(`There is no task "${task}": use one of ${Object.keys(TASKS).join(', ')}.`)
    process.exitCode = 2
    return
  }
  const platform = `${process.platform}-${process.arch}`
  const toolchain = locateToolchain(join(root, 'tooling/bootstrap/node_modules'), process.env, platform)
  try {
    await setUp(root, toolchain, platform, say)
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error
    say(error.message)
    process.exitCode = error.exitCode
    return
  }
  const env = withToolchain(toolchain, process.env)
  const { code, output } = await runProgram(String(toolchain.node), [...program, ...args], { cwd: root, env })
  if (output) say(output)
  process.exitCode = code
}

/**
 * On stderr: stdout belongs to the task, so that what it prints can be piped.
 * @param {string} line
 */
const say = (line) => {
  process.stderr.write(`${line}\n`)
}
