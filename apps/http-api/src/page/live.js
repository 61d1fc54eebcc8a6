/**
 * Hears that something changed, by the service's stream of events, so that what is shown need not be asked for all the
 * time. A stream stands for one client or one file, for all that follow it, and while the page is in sight: to a server
 * without HTTP/2 a browser keeps but six connections.
 *
 * @typedef {{ readonly isOpen: () => boolean, readonly stop: () => void }} Ear
 * @typedef {Ear & { readonly listeners: Set<() => void> }} Stream
 */

const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 30_000
/** The service says something every 15 s; a connection that says nothing for longer is dead. */
const SILENT_MS = 40_000

/** @param {{ token: () => string | null }} options */
export const createLive = ({ token }) => {
  /** @type {Map<string, Stream>} */
  const streams = new Map()
  return {
    /**
     * `listen` is called for each change to what a path answers, when the stream is there, and when it is lost: then
     * something may have been missed.
     * @param {string} path
     * @param {() => void} listen
     * @returns {Ear}
     */
    hear: (path, listen) => {
      const events = eventsOf(path)
      if (events === null) return DEAF
      const stream = streams.get(events) ?? openStream(events, token)
      streams.set(events, stream)
      stream.listeners.add(listen)
      return {
        isOpen: stream.isOpen,
        stop: () => {
          stream.listeners.delete(listen)
          if (stream.listeners.size > 0) return
          stream.stop()
          streams.delete(events)
        },
      }
    },
  }
}

/** @type {Ear} */
const DEAF = { isOpen: () => false, stop: () => undefined }

/** Where a path's changes are told; null for what has none. @param {string} path */
const eventsOf = (path) => {
  const [, file, query] = /^(\/clients\/[^/?]+\/progress)(?:\/[a-z]+)?(?:\?(.*))?$/.exec(path) ?? []
  if (file === undefined) return null
  const filename = new URLSearchParams(query).get('filename')
  return `${file}/events${filename === null ? '' : `?${new URLSearchParams({ filename })}`}`
}

/**
 * @param {string} path
 * @param {() => string | null} token
 * @returns {Stream}
 */
const openStream = (path, token) => {
  /** @type {Set<() => void>} */
  const listeners = new Set()
  let abort = new AbortController()
  /** @type {number | undefined} */
  let timer
  let open = false
  let failures = 0

  const tell = () => {
    for (const listen of [...listeners]) listen()
  }
  /** @param {AbortSignal} signal @returns {Promise<boolean>} whether to try again */
  const listenOnce = async (signal) => {
    const bearer = token()
    const headers = new Headers({ Accept: 'text/event-stream' })
    if (bearer !== null) headers.set('Authorization', `Bearer ${bearer}`)
    const response = await fetch(path, { headers, cache: 'no-store', referrerPolicy: 'no-referrer', signal })
    if (!response.ok || response.body === null) return response.status >= 500 || response.status === 429
    for await (const _ of readEvents(response.body.getReader())) {
      open = true
      failures = 0
      tell()
    }
    return true
  }
  const connect = async () => {
    clearTimeout(timer)
    if (document.hidden) return
    abort = new AbortController()
    const { signal } = abort
    const again = await listenOnce(signal).catch(() => true)
    if (signal.aborted) return
    if (open) {
      open = false
      tell()
    }
    failures += 1
    const delay = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS)
    if (again) timer = setTimeout(connect, delay * (0.8 + Math.random() * 0.4))
  }
  const close = () => {
    clearTimeout(timer)
    abort.abort()
    open = false
  }
  const onSight = () => {
    close()
    void connect()
  }
  const stop = () => {
    close()
    document.removeEventListener('visibilitychange', onSight)
  }
  document.addEventListener('visibilitychange', onSight)
  void connect()
  return { listeners, isOpen: () => open, stop }
}

/**
 * Each event, as soon as it is whole; what it says is asked for by whoever needs it. Comments are none.
 * @param {ReadableStreamDefaultReader<Uint8Array>} reader
 */
const readEvents = async function* (reader) {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (;;) {
      const { done, value } = await within(SILENT_MS, reader.read())
      if (done) return
      const blocks = (text + decoder.decode(value, { stream: true })).split('\n\n')
      text = blocks.pop() ?? ''
      if (blocks.some((block) => /^event:/m.test(block))) yield
    }
  } finally {
    void reader.cancel().catch(() => undefined)
  }
}

/**
 * @template T
 * @param {number} ms
 * @param {Promise<T>} reading
 * @returns {Promise<T>}
 */
const within = (ms, reading) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('nothing was said for too long')), ms)
    reading.then(resolve, reject).finally(() => clearTimeout(timer))
  })
