import type { Clock } from '@pebbles/core'
import { createLogThrottle, type Logger } from '@pebbles/runtime'
import { type DeadLetter, safeText } from './dead-letter.ts'
import { placeOf } from './queue-message.ts'

export interface TellRefusedDeps {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Pick<Logger, 'warn'>
}

const QUIET_MS = 60_000

/** Says in the log that messages are refused: of each code one of them, with how many there were. */
export const createTellRefused = ({ clock, log }: TellRefusedDeps): ((letters: readonly DeadLetter[]) => void) => {
  const due = createLogThrottle(clock, QUIET_MS)
  return (letters) => {
    for (const [code, its] of Map.groupBy(letters, (letter) => letter.code)) {
      const messages = due(code, its.length)
      const newest = its.at(-1)
      if (messages === 0 || newest === undefined) continue
      log.warn(
        { code, messages, reason: safeText(newest.reason), origin: safeText(placeOf(newest.message)) },
        'messages were refused: `pebbles dlq list` shows them',
      )
    }
  }
}
