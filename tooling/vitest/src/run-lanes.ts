import { parseArgs } from 'node:util'
import type { LaneResult } from './count-results.ts'
import { LANES } from './lanes.ts'
import { runLane } from './run-lane.ts'

// `npm test`: every lane, one after the other, so that they do not starve each other, and one line with the sums of all.
// `npm test -- --lane unit` runs one of them, `npm test -- packages/core` what lies there, `-u` brings snapshots up to date.
const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    options: {
      lane: { type: 'string', multiple: true },
      root: { type: 'string' },
      update: { type: 'boolean', short: 'u', default: false },
    },
    allowPositionals: true,
  })
  const names = LANES.map(({ name }) => name)
  const unknown = values.lane?.find((lane) => !names.includes(lane))
  if (unknown !== undefined) {
    console.error(`There is no lane "${unknown}": use ${names.join(', ')}.`)
    return 2
  }
  const results: (readonly [lane: string, LaneResult])[] = []
  for (const lane of LANES.filter(({ name }) => values.lane?.includes(name) ?? true)) {
    const began = performance.now()
    const result = await runLane(lane, positionals, values)
    results.push([lane.name, result])
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    console.log(`lane ${lane.name}: ${sumUp([result])}, ${result.skipped.length} skipped, in ${seconds} s\n`)
  }
  return report(results)
}

/** Names what did not pass once more, at the end, where it is seen; the last line is the sum, plain. */
const report = (results: readonly (readonly [lane: string, LaneResult])[]): number => {
  const strict = process.env['CI'] === 'true'
  const all = results.map(([, result]) =>
    strict ? { ...result, failed: [...result.failed, ...result.skipped] } : result,
  )
  for (const [lane, { failed, skipped }] of results) {
    for (const name of failed) console.log(`FAILED ${lane}: ${name}`)
    for (const name of skipped) console.log(`${strict ? 'FAILED, as CI skips nothing,' : 'skipped'} ${lane}: ${name}`)
  }
  const passed = all.reduce((sum, result) => sum + result.passed, 0)
  const failures = all.reduce((sum, result) => sum + result.failed.length, 0)
  if (failures > 0) console.log('To run only one file: npm test -- --lane LANE path/of/the/file')
  else if (passed === 0) console.log('No test ran.')
  console.log(sumUp(all))
  return failures > 0 || passed === 0 ? 1 : 0
}

const sumUp = (results: readonly LaneResult[]): string => {
  const passed = results.reduce((sum, result) => sum + result.passed, 0)
  const failed = results.reduce((sum, result) => sum + result.failed.length, 0)
  return `${passed} passed, ${failed} failed`
}

/** What is still on its way through a pipe would be lost by an exit. */
const flushed = (stream: NodeJS.WriteStream): Promise<void> => new Promise((done) => stream.write('', () => done()))

const exitCode = await main()
await Promise.all([flushed(process.stdout), flushed(process.stderr)])
process.exit(exitCode)
