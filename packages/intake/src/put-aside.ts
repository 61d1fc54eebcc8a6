import { REJECTED_MAX_BYTES, type RejectedMessages } from '@pebbles/core'
import type { Logger } from '@pebbles/runtime'
import { type DeadLetter, type DeadLetterDestination, rejectedOf } from './dead-letter.ts'
import type { Gate } from './gate.ts'

export interface PutAsideDeps {
  /** Null: none is set. */
  readonly deadLetters: DeadLetterDestination | null
  /** Null: this store keeps none. */
  readonly rejected: RejectedMessages | null
  readonly maxRejectedBytes?: number
  readonly gate: Gate
  readonly log: Pick<Logger, 'warn'>
}

export type Resting = 'dead' | 'kept' | 'away'

/**
 * Puts refused messages where nothing of them is lost: to the dead-letter destination; what that does not take, to the
 * store's list. `away`: neither took it, so it must stay in its queue, and the gate was shut.
 */
export const createPutAside = ({
  deadLetters,
  rejected,
  maxRejectedBytes = REJECTED_MAX_BYTES,
  gate,
  log,
}: PutAsideDeps): ((letters: readonly DeadLetter[]) => Promise<readonly Resting[]>) => {
  const send = async (letters: readonly DeadLetter[]): Promise<readonly boolean[]> => {
    if (deadLetters === null) return letters.map(() => false)
    try {
      return await deadLetters.send(letters)
    } catch (err) {
      log.warn({ err, letters: letters.length }, 'the dead-letter destination is away: they go to the store')
      return letters.map(() => false)
    }
  }
  const keep = async (letters: readonly DeadLetter[]): Promise<Resting> => {
    if (rejected === null) {
      gate.close('STORE_UNAVAILABLE', new Error('no dead-letter destination took a message, and this store keeps none'))
      return 'away'
    }
    try {
      if ((await rejected.keep(letters.map(rejectedOf), maxRejectedBytes)) === 'kept') return 'kept'
      gate.close('REJECTED_FULL')
    } catch (cause) {
      gate.close('STORE_UNAVAILABLE', cause)
    }
    return 'away'
  }
  return async (letters) => {
    if (letters.length === 0) return []
    const sent = await send(letters)
    const left = letters.filter((_, index) => sent[index] !== true)
    const rest = left.length === 0 ? 'kept' : await keep(left)
    return letters.map((_, index) => (sent[index] === true ? 'dead' : rest))
  }
}
