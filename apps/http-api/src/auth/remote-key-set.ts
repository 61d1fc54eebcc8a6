import { KeyObject } from 'node:crypto'
import { createLocalJWKSet, errors, type JSONWebKeySet, type LocalJWKSet } from 'jose'

/** The key set of an identity provider, fetched when a token needs it and kept as long as it can be. */
export interface RemoteKeySet {
  /** The keys that a token's header fits; none when there is no such key. Throws `KeysUnavailable` before any was had. */
  readonly keysFor: (header: { readonly alg: string; readonly kid?: string }) => Promise<readonly KeyObject[]>
  /** Counts up whenever the keys are others than before. */
  readonly generation: () => number
}

/** The key set could not be fetched, and there is none from before: the token may well be good. */
export class KeysUnavailable extends Error {
  readonly code = 'AUTH_UNAVAILABLE'
}

export interface RemoteKeyDeps {
  /** ms from any fixed point, never goes back. */
  readonly monotonic: () => number
  readonly onFailure: (error: unknown) => void
}

const FETCH_TIMEOUT_MS = 5_000
const MAX_AGE_MS = 300_000
/** However many unknown kids come: no more than one refresh within it. */
const REFRESH_FLOOR_MS = 30_000
/** While there is no key at all, nobody can be let in: asked again sooner. */
const FIRST_FLOOR_MS = 1_000
const MAX_KEY_SET_BYTES = 1024 * 1024

export const createRemoteKeySet = (url: URL, { monotonic, onFailure }: RemoteKeyDeps): RemoteKeySet => {
  let current: { readonly find: LocalJWKSet; readonly text: string } | null = null
  let askedAt = Number.NEGATIVE_INFINITY
  let loading: Promise<void> | null = null
  let generation = 0

  const load = async (): Promise<void> => {
    try {
      const text = await fetchKeySet(url)
      const keySet = JSON.parse(text) as JSONWebKeySet
      const find = createLocalJWKSet(keySet)
      if (keySet.keys.length === 0) throw new Error('the key set holds no key')
      if (current?.text !== text) generation += 1
      current = { find, text }
    } catch (error) {
      // What is known stays good: an identity provider that is away must not lock everybody out.
      onFailure(error)
    }
  }
  /** Fetches unless that was done just now; a fetch in flight is shared. */
  const refresh = (): Promise<void> => {
    if (loading !== null) return loading
    if (monotonic() - askedAt < (current === null ? FIRST_FLOOR_MS : REFRESH_FLOOR_MS)) return Promise.resolve()
    askedAt = monotonic()
    loading = load().finally(() => {
      loading = null
    })
    return loading
  }

  return {
    generation: () => generation,
    keysFor: async (header) => {
      if (current === null) await refresh()
      // Not waited for: what is known serves meanwhile.
      else if (monotonic() - askedAt > MAX_AGE_MS) void refresh()
      if (current === null) throw new KeysUnavailable('the key set could not be fetched')
      const found = await keysIn(current.find, header)
      if (found.length > 0) return found
      await refresh()
      return keysIn(current.find, header)
    },
  }
}

/** Chosen by jose, by kid, kind, use and curve. Without a kid several may fit. */
const keysIn = async (
  find: LocalJWKSet,
  { alg, kid }: { alg: string; kid?: string },
): Promise<readonly KeyObject[]> => {
  try {
    return [KeyObject.from(await find(kid === undefined ? { alg } : { alg, kid }))]
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return []
    const keys: KeyObject[] = []
    for await (const key of error) keys.push(KeyObject.from(key))
    return keys
  }
}

/** Follows no redirect, waits no longer and reads no more than a key set can need. */
const fetchKeySet = async (url: URL): Promise<string> => {
  const response = await fetch(url, {
    redirect: 'error',
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  })
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    if (size > MAX_KEY_SET_BYTES) throw new Error('the key set is larger than 1 MiB')
    chunks.push(chunk)
  }
  if (response.status !== 200) throw new Error(`the key set was answered with status ${response.status}`)
  return Buffer.concat(chunks).toString()
}
