import { setTimeout as delay } from 'node:timers/promises'
import type { UpdateAnswer } from '@pebbles/wire'
import type { Connection } from './connection.ts'
import { clientPath, request } from './request.ts'
import { ServiceError } from './service-error.ts'

export interface OutgoingIssue {
  readonly line?: number
  readonly message: string
}

/** The body of an update, as the service takes it. */
export interface OutgoingUpdate {
  readonly filename: string
  readonly counts: { readonly done: number; readonly warn: number; readonly failed: number }
  readonly total?: number | null
  readonly isLast?: boolean
  readonly outcome?: 'succeeded' | 'failed' | 'cancelled'
  readonly reason?: string
  readonly errors?: readonly OutgoingIssue[]
  readonly warnings?: readonly OutgoingIssue[]
}

export interface SendOptions {
  /** Names the update: however often it is sent, it counts once. */
  readonly key: string
  /** How long to go on trying while the service is away. */
  readonly patienceMs: number
  readonly signal?: AbortSignal
  /** Does not wait for a service that nobody has met yet: it is more likely not started than restarting. */
  readonly failFast?: boolean
  /** Called once, when it has to be tried again. */
  readonly onTrouble?: (error: ServiceError) => void
}

export interface SentUpdate {
  readonly answer: UpdateAnswer
  /** It had been counted before. */
  readonly replayed: boolean
}

const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 10_000

/** Sends an update until it is settled: after silence, 429 and 503 the same again, with the same key. */
export const sendUpdate = async (
  connection: Connection,
  client: string,
  update: unknown,
  { key, patienceMs, signal, failFast = false, onTrouble }: SendOptions,
): Promise<SentUpdate> => {
  const giveUpAt = performance.now() + patienceMs
  for (let attempt = 0; ; attempt++) {
    try {
      const { body, headers } = await request(connection, {
        method: 'POST',
        path: clientPath(client, '', {}),
        body: update,
        headers: { 'Idempotency-Key': key },
        ...(signal === undefined ? {} : { signal }),
      })
      return { answer: body as UpdateAnswer, replayed: headers.get('idempotent-replayed') === 'true' }
    } catch (error) {
      if (!(error instanceof ServiceError) || error.retryAfterMs === null) throw error
      if (failFast && attempt === 0 && error.status === null) throw error
      const backoff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.5 + Math.random() / 2)
      const wait = Math.max(error.retryAfterMs, backoff)
      if (performance.now() + wait > giveUpAt) throw error
      if (attempt === 0) onTrouble?.(error)
      await delay(wait, undefined, signal === undefined ? {} : { signal })
    }
  }
}
