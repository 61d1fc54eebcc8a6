import type { Clock } from '@pebbles/core'
import type { Logger } from '@pebbles/runtime'
import { type DeadLetter, safeText } from './dead-letter.ts'
import { placeOf } from './queue-message.ts'

export interface TellRefusedDeps {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Pick<Logger, 'warn'>
}

const QUIET_MS = 60_000

/**
 * Says in the log that messages are refused: of each code the first at once, and then at most once a minute one of
 * them, with how many there were since.
 */
export const createTellRefused = ({ clock, log }: TellRefusedDeps): ((letters: readonly DeadLetter[]) => void) => {
  const told = new Map<string, { since: number; quietUntil: number }>()
  return (letters) => {
    const now = clock.monotonic()
    const newest = new Map<string, DeadLetter>()
    for (const letter of letters) {
      const { code } = letter
      const facts = told.get(code) ?? { since: 0, quietUntil: now }
      facts.since += 1
      told.set(code, facts)
      newest.set(code, letter)
    }
    for (const [code, { message, reason }] of newest) {
      const facts = told.get(code)
      if (facts === undefined || now < facts.quietUntil) continue
      const { since: messages } = facts
      log.warn(
        { code, messages, reason: safeText(reason), origin: safeText(placeOf(message)) },
        'messages were refused: `pebbles dlq list` shows them',
      )
      told.set(code, { since: 0, quietUntil: now + QUIET_MS })
    }
  }
}
