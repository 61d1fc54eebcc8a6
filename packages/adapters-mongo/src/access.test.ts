import { MongoServerError } from 'mongodb'
import { expect, it } from 'vitest'
import { createAccess } from './access.ts'

const killed = (): Error => new MongoServerError({ code: 175, errmsg: "query plan killed :: index 'email_1' dropped" })

it('does again what was killed as its index was dropped', async () => {
  let calls = 0
  const work = async (): Promise<string> => {
    calls += 1
    if (calls < 3) throw killed()
    return 'done'
  }
  expect(await createAccess().call(work)).toBe('done')
})

it('says that the store is away when it is killed again and again, and does nothing else twice', async () => {
  let calls = 0
  const failing = (error: Error) => async (): Promise<never> => {
    calls += 1
    throw error
  }
  await expect(createAccess().call(failing(killed()))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(calls).toBe(3)
  const bug = new TypeError('a bug')
  await expect(createAccess().call(failing(bug))).rejects.toBe(bug)
  expect(calls).toBe(4)
})

it('begins nothing when no time is left for it', async () => {
  let calls = 0
  const work = async (): Promise<void> => {
    calls += 1
  }
  await expect(createAccess().call(work, 0)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(calls).toBe(0)
})
