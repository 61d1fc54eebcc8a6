import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const MODEL = fileURLToPath(new URL('../../../tooling/protocol/run.cjs', import.meta.url))

/** How many of so many random schedules of the protocol's model broke a promise, by which. */
const violations = (schedules: number, ...options: string[]): { readonly count: number; readonly output: string } => {
  const output = execFileSync(process.execPath, [MODEL, '--seeds', `${schedules}`, ...options], { encoding: 'utf8' })
  const [, seeds, count] = /^(\d+) seeds, \d+ steps, (\d+) violations/.exec(output) ?? []
  expect(seeds).toBe(`${schedules}`)
  return { count: Number(count), output }
}

it('keeps every promise in 3,000 schedules, with answers given late, marks met and tables written later', () => {
  const { count, output } = violations(3_000)
  expect(output).toMatch(/"late":\d{4}/)
  expect(output).toMatch(/"marksRolled":\d{3}/)
  expect(output).toMatch(/"tablesLate":\d{3}/)
  expect([count, output.split('\n').slice(2).join('\n')]).toEqual([0, ''])
})

it.each([
  ['lateMark=false', 'STALEREAD'],
  ['lateRead=false', 'STALEREAD'],
  ['lateOwn=false', 'STALEREAD'],
  ['ackAfterSnap=false', 'STALEREAD'],
  ['idUnique=false', 'TWICE'],
])('breaks one without %s', (guard, code) => {
  const { count, output } = violations(600, '--set', guard)
  expect(count).toBeGreaterThan(0)
  expect(output).toContain(code)
})

it.each(['tableSpan=false', 'tableGap=false', 'tableLag=false'])('shows a wrong table without %s', (guard) => {
  const { count, output } = violations(1_500, '--mix', 'patterns', '--set', guard)
  expect(count).toBeGreaterThan(0)
  expect(output).toContain('TABLE')
})
