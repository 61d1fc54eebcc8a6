import { type MongoStore, openMongoStore } from '@pebbles/adapters-mongo'
import { createCommandGuard } from '@pebbles/adapters-mongo/testing'
import type { ClientKrn } from '@pebbles/core'
import { newFileId, type TestStore } from '@pebbles/core/testing'
import { systemClock } from '@pebbles/runtime'
import { orSkip, startMongo } from '@pebbles/services'
import { afterAll, describe, expect, it } from 'vitest'
import { type EventReader, readEvents } from './read-events.ts'
import { startApp } from './start-app.ts'

const LEGACY = 'krn:default:client:001' as ClientKrn
const clientOf = (n: number): string => `krn:acme:client:${n % 10}`
const eventsOf = (n: number): string => `/clients/${clientOf(n)}/progress/events`
const counts = { done: 1, warn: 0, failed: 0 }

const mongo = await orSkip(startMongo({ topology: 'replica-set' }))
const guard = createCommandGuard()
afterAll(async () => {
  await mongo?.stop()
  if (mongo !== null) guard.check()
})

const LISTENERS = 400
const FILES = 50

describe.skipIf(mongo === null)('events on a replica set', () => {
  if (mongo === null) return

  it('are told again to hundreds who come back at once, and updates meanwhile are taken', async () => {
    const store: MongoStore = await openMongoStore({
      ...{ uri: await mongo.database('resumes'), clock: systemClock, legacyClient: LEGACY },
      ...{ ids: { fileId: newFileId }, watch: guard },
    })
    await using app = await startApp({ store: store as TestStore })
    const post = async (n: number): Promise<number> => {
      const began = performance.now()
      expect((await app.post(clientOf(n), { filename: `f${n % FILES}.csv`, counts })).status).toBe(200)
      return performance.now() - began
    }
    // Places all over the past, as listeners have them that were cut off at once.
    const ids = await Promise.all(
      Array.from({ length: 10 }, async (_, client) => {
        await using events = await readEvents(app.url + eventsOf(client))
        const hello = await events.next()
        for (let n = 0; n < 5; n += 1) await post(n * 10 + client)
        const told = []
        for (let n = 0; n < 5; n += 1) told.push(await events.next())
        return [hello, ...told].map(({ id }) => id)
      }),
    )
    for (let n = 0; n < 100; n += 1) await post(n)

    let back = false
    const slowest = (async () => {
      let longest = 0
      for (let n = 0; !back; n += 1) longest = Math.max(longest, await post(n))
      return longest
    })()
    const listeners: EventReader[] = await Promise.all(
      Array.from({ length: LISTENERS }, (_, n) =>
        readEvents(app.url + eventsOf(n), { 'last-event-id': ids[n % 10]?.[n % 6] ?? '' }),
      ),
    )
    const heard = await Promise.all(
      listeners.map(async (listener) => {
        const names = new Set<string>()
        const seen = new Set<string>()
        while (names.size < 5) {
          const { event, data } = await listener.next()
          seen.add(event)
          if (event === 'progress') names.add(data.filename)
        }
        return [...seen].sort().join()
      }),
    )
    back = true
    expect(new Set(heard)).toEqual(new Set(['hello,progress']))
    expect(await slowest).toBeLessThan(5_000)
    await Promise.all(listeners.map((listener) => listener[Symbol.asyncDispose]()))
  })
})
