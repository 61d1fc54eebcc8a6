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

/** Says each trouble once, and once that it is over. */
export const createQueueHealth = (queue: string, log: Pick<Logger, 'info' | 'error'>): QueueHealth => {
  const troubles = new Map<QueueCall, string>()
  let heard = false
  return {
    answered: (call) => {
      heard = true
      if (troubles.delete(call)) log.info({ queue, call }, 'the queue answers again')
    },
    failed: (call, err) => {
      const code = faultOf(err)
      if (troubles.get(call) !== code)
        log.error({ err, queue, call }, 'the queue does not answer: it is asked again and again')
      troubles.set(call, code)
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
