import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

// `npm run check`: everything that CI looks at without running a test. `npm run check -- --lane types` does one of it.
const LANES: Readonly<Record<string, readonly string[]>> = {
  types: [
    'pnpm exec turbo run typecheck --output-logs=errors-only --concurrency=2 --continue',
    'pnpm exec tsc --noEmit -p tooling/bootstrap',
  ],
  lint: ['pnpm exec biome check --error-on-warnings --diagnostic-level=warn .'],
  boundaries: ['node tooling/boundaries/src/check.ts'],
  'dead-code': ['pnpm exec knip'],
}
const { values } = parseArgs({ options: { lane: { type: 'string', multiple: true } } })
const lanes = values.lane ?? Object.keys(LANES)
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1', DO_NOT_TRACK: '1' }

const passes = (command: string): boolean => {
  console.log(`$ ${command}`)
  return spawnSync(command, { shell: true, stdio: 'inherit', env }).status === 0
}

const unknown = lanes.find((lane) => !Object.hasOwn(LANES, lane))
if (unknown !== undefined) {
  console.error(`There is no lane "${unknown}": use ${Object.keys(LANES).join(', ')}.`)
  process.exitCode = 2
} else {
  // Each command runs, also after one that failed: one look shows all that is wrong.
  const failed = lanes.filter((lane) => LANES[lane]?.map(passes).includes(false))
  for (const lane of failed) console.log(`FAILED ${lane}. To run only it: npm run check -- --lane ${lane}`)
  console.log(`check: ${lanes.length - failed.length} of ${lanes.length} lanes passed`)
  process.exitCode = failed.length > 0 ? 1 : 0
}
