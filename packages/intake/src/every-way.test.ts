import { it } from 'vitest'
import { holdEveryWay } from '../test/every-way.ts'

it('makes the same of the same updates, whichever way each of them comes', { timeout: 60_000 }, async () => {
  await holdEveryWay(100, Date.now())
})
