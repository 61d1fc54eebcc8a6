const TOKEN = 'pebbles.token'
const RECENT = 'pebbles.recent-clients'
const MOST_RECENT = 8

/**
 * What this tab remembers until it is closed: a token and the clients that were opened.
 * @typedef {ReturnType<typeof createSession>} Session
 */

/** @param {() => Storage} storage may throw where a browser forbids it: then memory must do */
export const createSession = (storage) => {
  const kept = keptIn(storage)
  return {
    token: () => kept.get(TOKEN),
    /** @param {string} token */
    signIn: (token) => kept.set(TOKEN, token),
    signOut: () => {
      kept.remove(TOKEN)
      kept.remove(RECENT)
    },
    recentClients: () => stringsIn(kept.get(RECENT)),
    /** @param {string} client */
    remember: (client) => {
      const others = stringsIn(kept.get(RECENT)).filter((known) => known !== client)
      kept.set(RECENT, JSON.stringify([client, ...others].slice(0, MOST_RECENT)))
    },
  }
}

/**
 * A token as a person pastes it, or null when it cannot be one: nothing else may reach a header.
 * @param {string} text
 */
export const tokenIn = (text) => {
  const token = text.trim().replace(/^Bearer\s+/i, '')
  return /^[A-Za-z0-9._~+/=-]+$/.test(token) ? token : null
}

/**
 * What a token says about itself, for display alone: the server decides.
 * @param {string | null} token
 * @returns {{ email: string | null, clients: readonly string[] }}
 */
export const claimsOf = (token) => {
  try {
    const part = (token ?? '').split('.')[1] ?? ''
    const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
      character.charCodeAt(0),
    )
    const claims = JSON.parse(new TextDecoder().decode(bytes))
    return {
      email: typeof claims.email === 'string' ? claims.email : null,
      clients: stringsIn(JSON.stringify(claims.clients ?? [])).filter((client) => !client.endsWith(':*')),
    }
  } catch {
    return { email: null, clients: [] }
  }
}

/**
 * @param {string | null} json
 * @returns {string[]}
 */
const stringsIn = (json) => {
  try {
    const value = JSON.parse(json ?? '[]')
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
  } catch {
    return []
  }
}

/** @param {() => Storage} storage */
const keptIn = (storage) => {
  /** @type {Map<string, string>} */
  const memory = new Map()
  /**
   * @template T
   * @param {(store: Storage) => T} use
   * @param {() => T} otherwise
   */
  const attempt = (use, otherwise) => {
    try {
      return use(storage())
    } catch {
      return otherwise()
    }
  }
  return {
    /** @param {string} key */
    get: (key) =>
      attempt(
        (store) => store.getItem(key),
        () => memory.get(key) ?? null,
      ) ?? null,
    /** @param {string} key @param {string} value */
    set: (key, value) =>
      attempt(
        (store) => store.setItem(key, value),
        () => void memory.set(key, value),
      ),
    /** @param {string} key */
    remove: (key) =>
      attempt(
        (store) => store.removeItem(key),
        () => void memory.delete(key),
      ),
  }
}
