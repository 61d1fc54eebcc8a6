import {
  type Clock,
  isStoreUnavailable,
  REJECTED_MAX_BYTES,
  type RejectedMessage,
  type RejectedMessages,
} from '@pebbles/core'
import type { Logger } from '@pebbles/runtime'
import { BUG_TRIES, bugWaitMs } from './bug-tries.ts'
import { type DeadLetter, factsOf, rejectedOf } from './dead-letter.ts'
import type { Gate } from './gate.ts'
import type { LetterSender } from './send-letters.ts'

export interface PutAsideDeps {
  readonly sender: Pick<LetterSender, 'send'>
  /** Null: this store keeps none. */
  readonly rejected: RejectedMessages | null
  readonly maxRejectedBytes?: number
  readonly gate: Gate
  readonly clock: Pick<Clock, 'sleep'>
  readonly log: Pick<Logger, 'warn' | 'error'>
}

export type Resting = 'dead' | 'kept' | 'away'

/**
 * Puts refused messages where nothing of them is lost: to the dead-letter destination; what that does not take, to the
 * store's list. `away`: neither took it, so it must stay in its queue, and the gate was shut.
 */
export const createPutAside = ({
  sender,
  rejected,
  maxRejectedBytes = REJECTED_MAX_BYTES,
  gate,
  clock,
  log,
}: PutAsideDeps): ((letters: readonly DeadLetter[]) => Promise<readonly Resting[]>) => {
  /** Rejects when it is the messages that the store does not take. */
  const keep = async (list: RejectedMessages, messages: readonly RejectedMessage[]): Promise<'kept' | 'away'> => {
    try {
      if ((await list.keep(messages, maxRejectedBytes)) === 'kept') return 'kept'
      gate.close('REJECTED_FULL')
    } catch (cause) {
      if (!isStoreUnavailable(cause)) throw cause
      gate.close('STORE_UNAVAILABLE', cause)
    }
    return 'away'
  }
  const keepFacts = async (list: RejectedMessages, letter: DeadLetter, err: unknown): Promise<'kept' | 'away'> => {
    const { origin } = letter.message
    log.error({ err, origin }, 'the store does not take a refused message: only its facts are kept')
    try {
      return await keep(list, [factsOf(letter, 'the store took no more than where it came from')])
    } catch (cause) {
      gate.close('STORE_UNAVAILABLE', cause)
      return 'away'
    }
  }
  /**
   * In rounds over what is left: what the store refuses may be a trouble of its own that passes, and only what it
   * refuses so often loses its body. Ends at the first that is away, and when the process ends.
   */
  const keepEach = async (list: RejectedMessages, letters: readonly DeadLetter[]): Promise<ReadonlySet<DeadLetter>> => {
    const kept = new Set<DeadLetter>()
    for (let tries = 1; tries <= BUG_TRIES; tries += 1) {
      for (const letter of letters) {
        if (kept.has(letter)) continue
        const end = await keep(list, [rejectedOf(letter)]).catch((err: unknown) =>
          tries === BUG_TRIES ? keepFacts(list, letter, err) : 'refused',
        )
        if (end === 'away') return kept
        if (end === 'kept') kept.add(letter)
      }
      if (kept.size === letters.length || gate.isStopped()) break
      await clock.sleep(bugWaitMs(tries))
    }
    return kept
  }
  /** Which of them the store has. */
  const keepAll = async (letters: readonly DeadLetter[]): Promise<ReadonlySet<DeadLetter>> => {
    if (letters.length === 0) return new Set()
    if (rejected === null) {
      gate.close('STORE_UNAVAILABLE', new Error('no dead-letter destination took a message, and this store keeps none'))
      return new Set()
    }
    try {
      return new Set((await keep(rejected, letters.map(rejectedOf))) === 'kept' ? letters : [])
    } catch (err) {
      log.warn({ err, letters: letters.length }, 'the store does not take these messages: each is tried alone')
      return keepEach(rejected, letters)
    }
  }
  return async (letters) => {
    if (letters.length === 0) return []
    const sent = await sender.send(letters)
    const kept = await keepAll(letters.filter((_, index) => sent[index] !== true))
    return letters.map((letter, index) => (sent[index] === true ? 'dead' : kept.has(letter) ? 'kept' : 'away'))
  }
}
