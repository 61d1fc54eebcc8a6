import { join } from 'node:path'
import { findViolations } from './find-violations.ts'
import { findHouseFaults } from './house.ts'

// `npm run check -- --lane boundaries`: who imports whom, and what the house looks like.
const root = join(import.meta.dirname, '../../..')
const violations = await findViolations(root)
for (const { rule, from, to, cure } of violations) {
  console.error(`${from}${to === from ? '' : ` -> ${to}`}\n  ${rule}: ${cure}`)
}
const faults = findHouseFaults(root)
for (const fault of faults) console.error(fault)
console.log(`boundaries: ${violations.length + faults.length} violations`)
process.exitCode = violations.length + faults.length > 0 ? 1 : 0
