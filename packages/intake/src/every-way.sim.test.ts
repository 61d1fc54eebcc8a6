import { expect, it } from 'vitest'
import { holdEveryWay } from '../test/every-way.ts'

const RUNS = Number(process.env['PEBBLES_SEEDS'] ?? 10_000)
const SEED = Number(process.env['PEBBLES_FIRST_SEED'] ?? Date.now())
const ENDS = [
  'COUNTS_OVERFLOW',
  'IDEMPOTENCY_KEY_REUSED',
  'INVALID_BODY',
  'INVALID_CLIENT_KRN',
  'NOT_OWNER',
  'NO_EMAIL',
  'PROGRESS_COMPLETED',
  'applied',
  'duplicate',
]

it(`${RUNS} lists of updates from seed ${SEED}: the same comes of each, whichever way each update comes`, async () => {
  const ends = await holdEveryWay(RUNS, SEED)
  // Fewer need not meet all of them.
  if (RUNS >= 1_000) expect([...ends].sort()).toEqual(ENDS)
})
