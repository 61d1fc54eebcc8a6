import { setTimeout as delay } from 'node:timers/promises'
import type { OutgoingUpdate, SentUpdate } from './send-update.ts'
import { ServiceError } from './service-error.ts'

export interface LineReporterDeps {
  readonly filename: string
  readonly total: number | null
  /** Begins the key of each update; drawn anew for each run. */
  readonly keyPrefix: string
  readonly intervalMs: number
  /** How long the end may take while the service is away. */
  readonly endPatienceMs: number
  readonly send: (
    update: OutgoingUpdate,
    key: string,
    options: { patienceMs: number; signal: AbortSignal },
  ) => Promise<SentUpdate>
  /** Lines could not be reported, now or for good; they are not lost while it is only for now. */
  readonly onTrouble: (error: ServiceError) => void
}

/** Reports lines beside the work that makes them, which it never holds up. */
export interface LineReporter {
  /** A first sign of life. Rejects when the service refuses it; silence is only told. */
  readonly begin: () => Promise<void>
  readonly add: (lines: number) => void
  /** Reports the rest and the end. Rejects when that could not be done. */
  readonly end: (outcome: 'succeeded' | 'failed' | 'cancelled', reason: string | null) => Promise<void>
}

/** Silence of the work longer than this is a sign of life all the same. */
const HEARTBEAT_MS = 60_000

export const createLineReporter = (deps: LineReporterDeps): LineReporter => {
  const { filename, total, keyPrefix, intervalMs } = deps
  const stop = new AbortController()
  const ended = new AbortController()
  let pending = 0
  let sent = 0
  let refusal: unknown = null
  let running: Promise<void> = Promise.resolve()

  const send = async (end: Partial<OutgoingUpdate>, patienceMs: number): Promise<void> => {
    const lines = pending
    pending = 0
    const counts = { done: lines, warn: 0, failed: 0 }
    const update = { filename, counts, ...(total === null ? {} : { total }), ...end }
    await deps.send(update, `${keyPrefix}:${sent++}`, { patienceMs, signal: stop.signal })
  }
  const loop = async (): Promise<void> => {
    let quiet = 0
    while (!ended.signal.aborted) {
      await delay(intervalMs, undefined, { signal: ended.signal }).catch(() => undefined)
      quiet += intervalMs
      if (ended.signal.aborted || (pending === 0 && quiet < HEARTBEAT_MS)) continue
      quiet = 0
      await send({}, Number.POSITIVE_INFINITY)
    }
  }
  const start = (): void => {
    running = loop().catch((error: unknown) => {
      refusal = error
      if (error instanceof ServiceError) deps.onTrouble(error)
    })
  }
  return {
    begin: async () => {
      try {
        await send({}, 0)
      } catch (error) {
        if (!(error instanceof ServiceError) || error.retryAfterMs === null) throw error
        deps.onTrouble(error)
      }
      start()
    },
    add: (lines) => {
      pending += lines
    },
    end: async (outcome, reason) => {
      ended.abort()
      const deadline = setTimeout(() => stop.abort(), deps.endPatienceMs)
      try {
        await running
        if (refusal !== null) throw refusal
        await send({ isLast: true, outcome, ...(reason === null ? {} : { reason }) }, deps.endPatienceMs)
      } finally {
        clearTimeout(deadline)
      }
    },
  }
}
