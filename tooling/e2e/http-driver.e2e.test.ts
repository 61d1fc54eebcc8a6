import { describeDriver, startStoreKinds } from '@pebbles/intake/testing'
import { afterAll, describe } from 'vitest'
import { createCaller } from './http-caller.ts'
import { aToken, startHttpProcess } from './start-http-process.ts'

interface Message {
  readonly clientKrn: string
  readonly email?: string
}

const stores = await startStoreKinds()
afterAll(() => stores.stop())

/** The same updates as the workers are given, each by a request of the one who sent it. */
describe.each(stores.kinds)('HTTP into $name', ({ open }) => {
  describeDriver(async () => {
    const scene = await open()
    const api = await startHttpProcess({ dataDir: scene.folder, environment: scene.environment })
    const http = createCaller(api.port)
    // Who asks by HTTP is told of a refusal, and nothing is kept.
    const refused: { readonly body: Uint8Array; readonly code: string }[] = []
    const send = async (message: Message): Promise<void> => {
      const { clientKrn, email, ...body } = message
      const path = `/clients/${clientKrn}/progress`
      const { status, json } = await http.call({ path, token: await aToken({ email }), body })
      if (status !== 200) refused.push({ body: Buffer.from(JSON.stringify(message)), code: json.code })
    }
    return {
      store: { get: scene.store.get, rejected: { list: async () => refused } },
      send: async (messages) => {
        for (const message of messages) await send(message as Message)
      },
      waiting: async () => 0,
      [Symbol.asyncDispose]: async () => {
        http[Symbol.dispose]()
        await api[Symbol.asyncDispose]()
        await scene[Symbol.asyncDispose]()
      },
    }
  })
})
