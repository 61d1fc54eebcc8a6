import { createLive } from './live.js'

/**
 * The only module that knows how the page comes by its data: it asks when the stream of events tells of a change, and
 * every two seconds while there is none, and sends the ETag of the answer before along.
 *
 * - `data`: `at` is when the server last said so, in its own time; the same object again means that nothing changed.
 * - `refused`: the server understood and says no; asking again would not help, but for a file that may yet come.
 * - `away`: no answer, or one that will pass (`status` 0 without any answer); it is asked again by itself.
 * @typedef {{ readonly kind: 'data', readonly value: unknown, readonly next: string | null }} Data
 * @typedef {{ readonly kind: 'refused', readonly status: number, readonly code: string, readonly detail: string }} Refused
 * @typedef {{ readonly kind: 'away', readonly status: number, readonly code: string, readonly detail: string, readonly retryAfterMs: number }} Away
 * @typedef {Data | Refused | Away} Answer
 * @typedef {{ readonly stop: () => void, readonly refresh: () => void }} Following
 * @typedef {{ readonly state: 'live' } | { readonly state: 'away', readonly answer: Away, readonly retryAt: number }} Health
 * @typedef {ReturnType<typeof createDataSource>} DataSource
 */

const EVERY_MS = 2_000
/** With a stream of events: to notice what it does not tell, as a store that is away. */
const LIVE_EVERY_MS = 10_000
/** For what grows behind a number that is followed already. */
export const SELDOM_MS = 10_000
const HIDDEN_EVERY_MS = 30_000
const REFUSED_EVERY_MS = 10_000
const LONGEST_BACKOFF_MS = 30_000
const TIMEOUT_MS = 30_000
const KEPT_ANSWERS = 40

/**
 * @param {{ token: () => string | null, onHealth: (health: Health | null) => void }} options `onHealth` hears the worst
 *   of all that is followed, or null when nothing is
 */
export const createDataSource = ({ token, onHealth }) => {
  /** @type {Map<string, { etag: string | null, data: Data }>} */
  const kept = new Map()
  /** @type {Map<object, Health>} */
  const health = new Map()
  const live = createLive({ token })
  let ahead = 0

  /**
   * @param {string} path
   * @param {AbortSignal} signal
   * @returns {Promise<Answer>}
   */
  const ask = async (path, signal) => {
    const bearer = token()
    const known = kept.get(path)
    const headers = new Headers({ Accept: 'application/json' })
    if (bearer !== null) headers.set('Authorization', `Bearer ${bearer}`)
    if (known?.etag) headers.set('If-None-Match', known.etag)
    try {
      const within = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
      const response = await fetch(path, { headers, cache: 'no-store', referrerPolicy: 'no-referrer', signal: within })
      readClock(response)
      if (response.status === 304 && known !== undefined) return known.data
      const json = /^application\/(problem\+)?json\b/.test(response.headers.get('Content-Type') ?? '')
      const body = json ? await response.json() : null
      // A token that changed meanwhile must not see what the one before was given.
      if (bearer !== token()) return away(0, 'SUPERSEDED', '', 0)
      if (response.ok && json) return keep(path, response, body)
      return problem(response, body)
    } catch (error) {
      return away(0, 'NO_CONNECTION', error instanceof Error ? error.message : '', 0)
    }
  }

  /**
   * @param {string} path
   * @param {Response} response
   * @param {unknown} value
   * @returns {Data}
   */
  const keep = (path, response, value) => {
    const data = /** @type {const} */ ({ kind: 'data', value, next: nextCursor(response.headers.get('Link')) })
    kept.delete(path)
    kept.set(path, { etag: response.headers.get('ETag'), data })
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_ANSWERS) break
      kept.delete(oldest)
    }
    return data
  }

  /** The server's clock says how old a report is; ours may be wrong. @param {Response} response */
  const readClock = (response) => {
    const theirs = Date.parse(response.headers.get('Date') ?? '')
    if (Number.isNaN(theirs)) return
    const difference = theirs + 500 - Date.now()
    ahead = Math.abs(difference) < 2_000 ? 0 : difference
  }

  const tellHealth = () => {
    const all = [...health.values()]
    onHealth(all.find(({ state }) => state === 'away') ?? all[0] ?? null)
  }

  /**
   * Tells the answer of a path now (at once if it is known) and each time that it changes.
   * @param {string} path
   * @param {(answer: Answer) => void} listen
   * @param {number} [everyMs] for what need not be that fresh
   * @returns {Following}
   */
  const follow = (path, listen, everyMs = EVERY_MS) => {
    const self = {}
    const abort = new AbortController()
    /** @type {Answer | undefined} */
    let told
    /** @type {number | undefined} */
    let timer
    let failures = 0
    let asking = false
    let changed = false
    let notBefore = 0

    /** @param {Answer} answer */
    const tell = (answer) => {
      if (answer === told) return
      told = answer
      listen(answer)
    }
    /** @param {Answer} answer @param {number} tookMs */
    const delayAfter = (answer, tookMs) => {
      if (answer.kind === 'away') {
        const backoff = Math.min(EVERY_MS * 2 ** (failures - 1), LONGEST_BACKOFF_MS)
        // Spread out, so that a server that comes back does not meet everybody at once.
        return Math.max(backoff * (0.8 + Math.random() * 0.4), answer.retryAfterMs)
      }
      if (document.hidden) return HIDDEN_EVERY_MS
      if (answer.kind === 'refused') return REFUSED_EVERY_MS
      return Math.max(everyMs, ear.isOpen() ? LIVE_EVERY_MS : 0, 3 * tookMs)
    }
    const round = async () => {
      clearTimeout(timer)
      if (asking || abort.signal.aborted) return
      asking = true
      changed = false
      const started = performance.now()
      const answer = await ask(path, abort.signal)
      asking = false
      if (abort.signal.aborted) return
      failures = answer.kind === 'away' ? failures + 1 : 0
      const took = performance.now() - started
      notBefore = started + Math.max(everyMs / 2, 4 * took)
      const delay = delayAfter(answer, took)
      health.set(
        self,
        answer.kind === 'away' ? { state: 'away', answer, retryAt: Date.now() + delay } : { state: 'live' },
      )
      tell(answer)
      tellHealth()
      // Whoever listens may have stopped it; a refusal for want of a token waits for a token.
      if (abort.signal.aborted || (answer.kind === 'refused' && answer.status !== 404)) return
      timer = setTimeout(round, delay)
      if (changed && answer.kind !== 'away') soon()
    }
    /** Many changes are one look. */
    const soon = () => {
      changed = true
      if (asking || failures > 0 || abort.signal.aborted) return
      clearTimeout(timer)
      timer = setTimeout(round, Math.max(0, notBefore - performance.now()))
    }
    const ear = live.hear(path, soon)
    const wake = () => {
      if (!document.hidden) void round()
    }
    const stop = () => {
      abort.abort()
      ear.stop()
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', wake)
      removeEventListener('online', wake)
      health.delete(self)
      tellHealth()
    }
    document.addEventListener('visibilitychange', wake)
    addEventListener('online', wake)
    const known = kept.get(path)
    if (known !== undefined) tell(known.data)
    void round()
    return { stop, refresh: () => void round() }
  }

  return {
    follow,
    /** One answer, asked for once. @param {string} path */
    once: (path) => ask(path, new AbortController().signal),
    /** Forgets every answer: they were given to another token. */
    forget: () => kept.clear(),
    /** The server's time, ms since 1970. */
    now: () => Date.now() + ahead,
  }
}

/** @param {number} status @param {string} code @param {string} detail @param {number} retryAfterMs @returns {Away} */
const away = (status, code, detail, retryAfterMs) => ({ kind: 'away', status, code, detail, retryAfterMs })

/**
 * @param {Response} response
 * @param {unknown} body
 * @returns {Refused | Away}
 */
const problem = (response, body) => {
  const { status } = response
  const { code = '', detail = '' } = /** @type {{ code?: string, detail?: string }} */ (body ?? {})
  const passing = status >= 500 || status === 429 || status === 408 || response.ok || status < 400
  if (!passing) return { kind: 'refused', status, code, detail }
  const seconds = Number(response.headers.get('Retry-After') ?? '0')
  return away(status, code, detail, Number.isFinite(seconds) ? Math.min(seconds, 600) * 1000 : 0)
}

/**
 * The cursor of the next page. Only that: the link's host may be another name of this server.
 * @param {string | null} link
 */
const nextCursor = (link) => {
  const target = /<([^>]*)>\s*;\s*rel="?next"?/i.exec(link ?? '')?.[1]
  return target === undefined ? null : (URL.parse(target, location.href)?.searchParams.get('cursor') ?? null)
}
