import type { FileMoves } from '@pebbles/core'
import { describeProgressStore } from '@pebbles/core/testing'
import { type MongoTopology, orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe } from 'vitest'
import { createBench } from '../test/bench.ts'

const TOPOLOGIES: readonly MongoTopology[] = ['standalone', 'replica-set', 'replica-set-3', 'sharded']

const servers = await Promise.all(TOPOLOGIES.map((topology) => orSkip(startMongo({ topology }))))

for (const [index, topology] of TOPOLOGIES.entries()) {
  const mongo = servers[index] ?? null
  describe.skipIf(mongo === null)(`MongoDB, ${topology}`, () => {
    if (mongo === null) return
    const bench = createBench(mongo)
    afterAll(() => bench.stop())
    describeProgressStore({ name: `MongoDB, ${topology}`, open: topology === 'sharded' ? open : bench.subject })
    async function open() {
      const subject = await bench.subject()
      // The router of the tests, in place of mongos, knows no transactions.
      const moves: FileMoves = { ...subject.store.moves, obstacle: async () => 'STANDALONE' }
      return { ...subject, store: { ...subject.store, moves } }
    }
  })
}
