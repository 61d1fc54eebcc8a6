import { createPublicKey, type KeyObject } from 'node:crypto'
import { createRemoteKeySet } from './remote-key-set.ts'

export interface KeySettings {
  readonly secret: string | null
  readonly jwksUrl: string | null
  readonly publicKey: string | null
}

export type Algorithm = `${'HS' | 'RS' | 'PS' | 'ES'}${256 | 384 | 512}`

/** The keys that verify tokens. No key and no address ever comes out of a token. */
export interface TokenKeys {
  readonly algorithms: readonly Algorithm[]
  /** The keys to try for a token's header, none if it fits none; throws `KeysUnavailable` when that cannot be told. */
  readonly keysFor: (header: {
    readonly alg?: unknown
    readonly kid?: unknown
  }) => Promise<readonly (KeyObject | string)[]>
  /** Counts up whenever the keys are others than before: what was verified by the old ones must be verified anew. */
  readonly generation: () => number
}

const SYMMETRIC: readonly Algorithm[] = ['HS256', 'HS384', 'HS512']
const ASYMMETRIC: readonly Algorithm[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
]

export const createTokenKeys = (
  { secret, jwksUrl, publicKey }: KeySettings,
  onFailure: (error: unknown) => void,
): TokenKeys => {
  const fixed = publicKey === null ? null : createPublicKey(publicKey)
  const remote =
    jwksUrl === null ? null : createRemoteKeySet(new URL(jwksUrl), { monotonic: () => performance.now(), onFailure })
  const algorithms = [...(secret === null ? [] : SYMMETRIC), ...(fixed === null && remote === null ? [] : ASYMMETRIC)]
  return {
    algorithms,
    generation: () => remote?.generation() ?? 0,
    keysFor: async ({ alg, kid }) => {
      const algorithm = algorithms.find((known) => known === alg)
      if (algorithm === undefined || (kid !== undefined && typeof kid !== 'string')) return []
      // The algorithm is bound to the kind of key: a public key never serves as an HMAC secret.
      if (SYMMETRIC.includes(algorithm)) return secret === null ? [] : [secret]
      const own = fixed === null ? [] : [fixed]
      if (remote === null) return own
      const header = { alg: algorithm, ...(kid === undefined ? {} : { kid }) }
      return [...own, ...(await remote.keysFor(header).catch((error: unknown) => noneBeside(own, error)))]
    },
  }
}

/** With a key of our own at hand, a key set that is away is no reason not to look at a token. */
const noneBeside = (own: readonly KeyObject[], error: unknown): readonly KeyObject[] => {
  if (own.length === 0) throw error
  return []
}
