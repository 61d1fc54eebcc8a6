import { styleText } from 'node:util'
import { ConfigError, describeConfig, parseConfig } from '@pebbles/runtime'
import type { Context } from '../context.ts'
import { checkQueues } from '../doctor/check-queues.ts'
import { checkService } from '../doctor/check-service.ts'
import { checkStore } from '../doctor/check-store.ts'
import { checkTokens } from '../doctor/check-tokens.ts'
import { type Finding, fail, ok } from '../doctor/finding.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { connectionOf } from '../service/connection.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { printJson, printLine } from '../terminal/print.ts'

export interface DoctorOptions {
  readonly url?: string
  readonly json?: true
}

/** Looks at everything that a service needs here, and says for each what it found and what to do. */
export const run = async (options: DoctorOptions, context: Context): Promise<ExitCode> => {
  const { findings, settings } = await examine(options, context)
  const failed = findings.some(({ status }) => status === 'fail')
  if (options.json) await printJson(context.stdout, { ok: !failed, findings, settings })
  else await printLine(context.stdout, render(findings, context.color.stdout))
  return failed ? EXIT.failed : EXIT.ok
}

const examine = async (options: DoctorOptions, context: Context) => {
  const node = checkNode()
  const environment = await context.environment()
  try {
    const config = parseConfig(environment)
    const findings = [
      node,
      ok('configuration', config.mongoUri === null ? 'valid; stores in SQLite' : 'valid; stores in MongoDB'),
      ...(await checkTokens(config)),
      ...(await checkStore(config, context)),
      ...(await checkQueues(config, environment)),
      ...(await checkService(config, await connectionOf(context, options.url))),
    ]
    return { findings, settings: describeConfig(config) }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const findings = error.problems.map((problem) =>
      fail('configuration', escapeText(problem), 'Correct it in the environment or in .env'),
    )
    return { findings: [node, ...findings], settings: null }
  }
}

const checkNode = (): Finding =>
  Number(process.versions.node.split('.')[0]) >= 24
    ? ok('Node.js', process.versions.node)
    : fail('Node.js', `${process.versions.node} is too old`, 'Use version 24 or newer')

const MARKS = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' } as const
const STYLES = { ok: 'green', warn: 'yellow', fail: 'red' } as const

const render = (findings: readonly Finding[], color: boolean): string => {
  const width = Math.max(...findings.map(({ check }) => check.length))
  const lines = findings.flatMap(({ check, status, message, cure }) => {
    const mark = color ? styleText(STYLES[status], MARKS[status], { validateStream: false }) : MARKS[status]
    return [
      `${mark}  ${check.padEnd(width)}  ${message}`,
      ...(cure === null ? [] : [`${' '.repeat(width + 8)}→ ${cure}`]),
    ]
  })
  const count = (status: Finding['status']): number => findings.filter((finding) => finding.status === status).length
  const [warnings, failures] = [count('warn'), count('fail')]
  const verdict =
    failures > 0
      ? `${failures} of ${findings.length} checks failed.`
      : warnings > 0
        ? `No check failed; ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`
        : 'All is well.'
  return [...lines, '', verdict].join('\n')
}
