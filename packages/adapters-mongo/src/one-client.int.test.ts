import { anUpdate, client, fileName, useCases } from '@pebbles/core/testing'
import { orSkip, startMongo } from '@pebbles/services'
import { afterAll, expect, it } from 'vitest'
import { createBench } from '../test/bench.ts'
import { LEGACY } from '../test/legacy-client.ts'

const mongo = await orSkip(startMongo({ topology: 'replica-set' }))
const bench = mongo === null ? null : createBench(mongo)
afterAll(() => bench?.stop())

// What the requests asked for is looked at by the guard, which knows whose each is.
it.skipIf(bench === null)('each of many requests at once reads what is its client’s, and nothing else', async () => {
  const { guard, subject } = bench as NonNullable<typeof bench>
  await using test = await subject()
  const { record, read } = useCases(test)
  const clients = [client('acme'), client('beta'), LEGACY]
  for (const errors of [['trouble'], ['other trouble']])
    await record(clients.map((of, n) => anUpdate({ client: of, done: n + 1, errors })))
  const errors = { kind: 'error', pattern: null, limit: 10, after: null } as const
  const requests = clients.flatMap((of, n) => {
    const ask = () => [
      read.get(of, fileName()).then((found) => found?.state.counts.done),
      read.list({ client: of }, 10, null).then(({ files }) => files[0]?.counts.done),
      read
        .history(of, fileName(), 10, 0)
        .then((found) => found?.rows.reduce((sum, { counts }) => sum + counts.done, 0)),
      read.issues(of, fileName(), errors).then((found) => found?.issues.length === 2 && 2 * (n + 1)),
    ]
    return [1, 2, 3].map(async () =>
      expect(await Promise.all(guard.asking(of, ask))).toEqual(Array(4).fill(2 * (n + 1))),
    )
  })
  await Promise.all(requests)
  expect(guard.breaches).toEqual([])
})
