import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

/** An identity provider: serves a key set, or whatever else a test wants it to answer. */
export interface KeyServer extends AsyncDisposable {
  readonly url: string
  /** What was asked of it, oldest first. */
  readonly asked: readonly string[]
  answer: RequestListener
}

export const startKeyServer = async (answer: RequestListener): Promise<KeyServer> => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    keyServer.answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const keyServer: KeyServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    asked,
    answer,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return keyServer
}

export const keySet =
  (...keys: readonly JWK[]): RequestListener =>
  (_, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }))
  }

/** A key of the provider: its public half, and what signs with the other. */
export interface SigningKey {
  readonly jwk: JWK
  readonly pem: string
  readonly sign: (claims?: Record<string, unknown>, header?: Record<string, unknown>) => Promise<string>
}

export const createSigningKey = async (alg: string, kid?: string): Promise<SigningKey> => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), use: 'sig', ...(kid === undefined ? {} : { kid }) }
  const spki = Buffer.from(await crypto.subtle.exportKey('spki', publicKey)).toString('base64')
  return {
    jwk,
    pem: `-----BEGIN PUBLIC KEY-----\n${spki.match(/.{1,64}/g)?.join('\n')}\n-----END PUBLIC KEY-----\n`,
    sign: (claims = {}, header = {}) =>
      new SignJWT({ email: 'ada@example.com', exp: Math.floor(Date.now() / 1000) + 3600, ...claims })
        .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }), ...header })
        .sign(privateKey),
  }
}
