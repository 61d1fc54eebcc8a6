import { expect, it } from 'vitest'
import { repeat } from './repeat.ts'

it('works again and again, also after a failure, and not after its stop', async () => {
  let times = 0
  const errors: unknown[] = []
  await new Promise<void>((enough) => {
    const repeated = repeat(
      1,
      async () => {
        times += 1
        if (times === 2) throw new Error('once')
        if (times === 4) void repeated.stop().then(enough)
      },
      (error) => errors.push(error),
    )
  })
  const stoppedAt = times
  await new Promise((later) => setTimeout(later, 20))
  expect([stoppedAt, times, errors.length]).toEqual([4, 4, 1])
})
