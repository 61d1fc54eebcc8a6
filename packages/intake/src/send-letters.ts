import type { Clock } from '@pebbles/core'
import type { ComponentState, Logger } from '@pebbles/runtime'
import type { DeadLetter, DeadLetterDestination } from './dead-letter.ts'

export interface LetterSender {
  /** Which of them the destination has. None while it is away, or where there is none. Never rejects. */
  readonly send: (letters: readonly DeadLetter[]) => Promise<readonly boolean[]>
  /** It was away, and was not asked for a while. */
  readonly mayBeBack: () => boolean
  /** For `/ready`. */
  readonly state: () => ComponentState
}

export interface LetterSenderDeps {
  /** Null: none is set. */
  readonly deadLetters: DeadLetterDestination | null
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Pick<Logger, 'info' | 'warn'>
}

const FIRST_WAIT_MS = 1_000
const LONGEST_WAIT_MS = 60_000
const AWAY = 'the dead-letter destination is away: refused messages go to the store'

/**
 * Asks a destination that is away less and less often: each try takes as long as it waits for an answer, and the good
 * messages of its batch wait for it.
 */
export const createLetterSender = ({ deadLetters, clock, log }: LetterSenderDeps): LetterSender => {
  let away: { readonly waitMs: number; readonly until: number } | null = null
  const mayBeBack = (): boolean => away !== null && clock.monotonic() >= away.until
  return {
    mayBeBack,
    send: async (letters) => {
      if (deadLetters === null || (away !== null && !mayBeBack())) return letters.map(() => false)
      try {
        const sent = await deadLetters.send(letters)
        if (away !== null) log.info('the dead-letter destination is back')
        away = null
        return sent
      } catch (err) {
        if (away === null) log.warn({ err }, AWAY)
        const waitMs = away === null ? FIRST_WAIT_MS : Math.min(LONGEST_WAIT_MS, 2 * away.waitMs)
        away = { waitMs, until: clock.monotonic() + waitMs }
        return letters.map(() => false)
      }
    },
    // Where nothing was refused since, nobody knows.
    state: () =>
      away === null || clock.monotonic() > away.until + LONGEST_WAIT_MS ? { ok: true } : { ok: false, detail: AWAY },
  }
}
