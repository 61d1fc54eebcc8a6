import type { Clock } from '@pebbles/core'
import type { ComponentState, Logger } from '@pebbles/runtime'
import { faultOf } from './queue-client.ts'

/** The requests that keep a queue going. */
export type QueueCall = 'receive' | 'delete' | 'keep hidden'

/** Whether a queue answers: each kind of request by itself, as a queue may give messages and yet take no delete. */
export interface QueueHealth {
  readonly answered: (call: QueueCall) => void
  readonly failed: (call: QueueCall, error: unknown) => void
  /** There is nothing left to ask it for: a trouble that nobody can see the end of is none. */
  readonly needless: (call: QueueCall) => void
  readonly isFailing: (call: QueueCall) => boolean
  /** Whether it has ever answered: until then it is not known to be there. */
  readonly hasAnswered: () => boolean
  readonly state: () => ComponentState
}

/** Between two lines of the log about the same trouble. */
export const QUIET_MS = 10_000

export interface QueueHealthDeps {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Pick<Logger, 'info' | 'error'>
}

/** Says each trouble once, and once that it is over; of one that comes and goes it says so now and then. */
export const createQueueHealth = (queue: string, { clock, log }: QueueHealthDeps): QueueHealth => {
  const troubles = new Map<QueueCall, string>()
  /** What was said last of each. */
  const said = new Map<QueueCall, { readonly code: string; readonly at: number; over: boolean }>()
  let heard = false
  return {
    answered: (call) => {
      heard = true
      const last = said.get(call)
      if (!troubles.delete(call) || last === undefined || last.over) return
      last.over = true
      log.info({ queue, call }, 'the queue answers again')
    },
    failed: (call, err) => {
      const code = faultOf(err)
      troubles.set(call, code)
      const [last, now] = [said.get(call), clock.monotonic()]
      if (last !== undefined && (now < last.at + QUIET_MS || (last.code === code && !last.over))) return
      said.set(call, { code, at: now, over: false })
      log.error({ err, queue, call }, 'the queue does not answer: it is asked again and again')
    },
    needless: (call) => void troubles.delete(call),
    isFailing: (call) => troubles.has(call),
    hasAnswered: () => heard,
    state: () => {
      if (troubles.size === 0) return heard ? { ok: true } : { ok: false, detail: 'the queue has not answered yet' }
      const said = [...troubles].map(([call, code]) => `${call}: ${code}`)
      return { ok: false, detail: `the queue does not answer: ${said.join(', ')}` }
    },
  }
}
