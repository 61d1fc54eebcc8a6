import { hash } from 'node:crypto'
import {
  type Clock,
  fileKey,
  type Outcome,
  REFUSALS,
  REJECTED_MAX_BYTES,
  type Recorder,
  type RecordUpdate,
  type RejectedMessages,
} from '@pebbles/core'
import type { ComponentState, Logger } from '@pebbles/runtime'
import { hashUpdate } from '@pebbles/runtime'
import { type MessageOptions, type ParsedMessage, parseMessage } from '@pebbles/wire'
import { BUG_TRIES, bugWaitMs } from './bug-tries.ts'
import { type DeadLetter, type DeadLetterDestination, historyOf } from './dead-letter.ts'
import { createGate, type Gate } from './gate.ts'
import { createPutAside, type Resting } from './put-aside.ts'
import type { QueueMessage } from './queue-message.ts'
import { createLetterSender } from './send-letters.ts'
import { createTellRefused } from './tell-refused.ts'

/**
 * What became of a message. All but `away` may be acknowledged: `applied` · `duplicate` of one that was applied ·
 * `dead` refused, and at the dead-letter destination · `kept` refused, and in the store's list · `away` nothing of it
 * is sure, it has to come again.
 */
export type Settlement = 'applied' | 'duplicate' | Resting

export interface IntakeDeps {
  readonly record: Recorder['record']
  readonly deadLetters: DeadLetterDestination | null
  readonly rejected: RejectedMessages | null
  readonly maxRejectedBytes?: number
  /** Resolves when the store can be written; rejects while it cannot. */
  readonly ping: () => Promise<void>
  readonly clock: Clock
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>
  readonly narrowedBy: RegExp | null
  /** Told of how many messages had one end, for metrics. */
  readonly onSettled?: (settlement: Settlement, code: string | null, messages: number) => void
}

export interface Intake {
  /** One settlement for each message, in order; updates of one file in the order given. Never rejects. */
  readonly handle: (messages: readonly QueueMessage[]) => Promise<readonly Settlement[]>
  readonly gate: Gate
  /** For `/ready`: whether messages are let in. */
  readonly state: () => Promise<ComponentState>
  /** For `/ready`: whether the dead-letter destination takes what is refused. */
  readonly deadLetters: () => Promise<ComponentState>
}

/** Takes batches of messages from any broker into the one use case. */
export const createIntake = (deps: IntakeDeps): Intake => {
  const { record, rejected, ping, clock, log, narrowedBy, onSettled, maxRejectedBytes = REJECTED_MAX_BYTES } = deps
  const sender = createLetterSender(deps)
  const gate = createGate({
    probe: async (obstacle) => {
      if (obstacle === 'TOPIC_RESET') throw new Error('only an operator can tell')
      await ping()
      // A list that is nearly full is no reason to stay shut after the store was away.
      if (obstacle !== 'REJECTED_FULL' || rejected === null) return
      // The destination may be back: what is refused next finds out, and shuts it again where it is not.
      if (sender.mayBeBack()) return
      if ((await rejected.size()).bytes >= maxRejectedBytes * REOPEN_BELOW)
        throw new Error('the list of rejected messages is full')
    },
    clock,
    log,
  })
  const tellRefused = createTellRefused({ clock, log })
  const putAside = createPutAside({ ...deps, sender, maxRejectedBytes, gate })
  const options: MessageOptions = {
    digest: (data) => hash('sha256', data, 'hex'),
    ...(narrowedBy === null ? {} : { narrowedBy }),
  }

  /** A bug in one update must not block the others: each is tried again alone, and put aside when it stays one. */
  const recordEach = async (commands: readonly RecordUpdate[]): Promise<readonly (Outcome | Failure)[]> => {
    try {
      return await record(commands)
    } catch {
      return recordAlone(commands)
    }
  }

  /**
   * One after the other: side by side they would share a group again. What cannot be applied yet holds up what comes
   * after it for the same file, as in a group; what fails does so until its last try.
   */
  const recordAlone = async (commands: readonly RecordUpdate[]): Promise<readonly (Outcome | Failure)[]> => {
    const outcomes = commands.map((): Outcome | Failure => ({ kind: 'failed', cause: null }))
    const recordOne = (command: RecordUpdate): Promise<Outcome | Failure> =>
      record([command]).then(
        ([outcome]) => outcome as Outcome,
        (cause: unknown) => ({ kind: 'failed', cause }),
      )
    for (let tries = 0; tries < BUG_TRIES && outcomes.some(isFailure); tries += 1) {
      if (tries > 0) await clock.sleep(bugWaitMs(tries))
      const held = new Map<string, Outcome | Failure>()
      for (const [index, command] of commands.entries()) {
        if (!isFailure(outcomes[index] as Outcome | Failure)) continue
        const file = fileKey(command)
        const outcome = held.get(file) ?? (await recordOne(command))
        outcomes[index] = outcome
        if (outcome.kind === 'unavailable' || (isFailure(outcome) && tries < BUG_TRIES - 1)) held.set(file, outcome)
      }
    }
    const failed = outcomes.filter(isFailure)
    if (failed.length === 0) return outcomes
    log.error({ err: failed[0]?.cause, updates: failed.length }, 'a bug: updates go to the dead letters')
    // It may be the store that makes them fail: then it is nobody's refusal.
    return ping().then(
      () => outcomes,
      (cause: unknown) => outcomes.map((outcome) => (isFailure(outcome) ? { kind: 'unavailable', cause } : outcome)),
    )
  }

  const handle = async (messages: readonly QueueMessage[]): Promise<readonly Settlement[]> => {
    const now = clock.now()
    const settled = messages.map((): Settlement => 'away')
    const counted = { applied: 0, duplicate: 0, away: 0 }
    const letters: { readonly index: number; readonly letter: DeadLetter }[] = []
    const commands: RecordUpdate[] = []
    const places: number[] = []
    const refuse = (index: number, parsed: ParsedMessage, code: string, reason: string): void => {
      const message = messages[index] as QueueMessage
      const { attempts, sentAt } = historyOf(message, now)
      letters.push({
        index,
        letter: { message, updateId: parsed.id, code, reason, at: now, sentAt, attempts: attempts + 1 },
      })
    }
    const parsedOf: ParsedMessage[] = []
    for (let index = 0; index < messages.length; index += 1) {
      const message = messages[index] as QueueMessage
      const parsed = parseMessage(message.body, message.origin, options)
      parsedOf.push(parsed)
      if (parsed.ok) {
        const digest = hashUpdate(parsed.update, clock)
        const { sentAt } = historyOf(message, now)
        commands.push(commandOf(parsed, message, typeof digest === 'string' ? digest : await digest, sentAt))
        places.push(index)
      } else refuse(index, parsed, parsed.code, reasonOf(parsed))
      if (index % YIELD_AFTER === YIELD_AFTER - 1) await clock.pause()
    }
    const outcomes = commands.length === 0 ? [] : await recordEach(commands)
    for (let at = 0; at < outcomes.length; at += 1) {
      const outcome = outcomes[at] as Outcome | Failure
      const index = places[at] as number
      const parsed = parsedOf[index] as ParsedMessage
      switch (outcome.kind) {
        case 'applied':
        case 'duplicate':
          settled[index] = outcome.kind
          counted[outcome.kind] += 1
          break
        case 'refused':
          refuse(index, parsed, outcome.code, REFUSALS[outcome.code])
          break
        case 'failed':
          refuse(index, parsed, 'INTERNAL', REFUSALS.INTERNAL)
          break
        case 'unavailable':
          counted.away += 1
          gate.close('STORE_UNAVAILABLE', outcome.cause)
          break
      }
    }
    const resting = await putAside(letters.map(({ letter }) => letter))
    for (const [at, { index, letter }] of letters.entries()) {
      const end = resting[at] ?? 'away'
      settled[index] = end
      onSettled?.(end, letter.code, 1)
    }
    tellRefused(letters.filter((_, at) => resting[at] !== 'away').map(({ letter }) => letter))
    for (const end of WITHOUT_CODE) {
      const messages = counted[end]
      if (messages > 0) onSettled?.(end, null, messages)
    }
    if (!settled.includes('away')) gate.proved()
    return settled
  }

  return {
    handle: async (messages) => {
      try {
        return await handle(messages)
      } catch (cause) {
        gate.close('STORE_UNAVAILABLE', cause)
        return messages.map(() => 'away')
      }
    },
    gate,
    state: async () => gate.state(),
    deadLetters: async () => sender.state(),
  }
}

const WITHOUT_CODE = ['applied', 'duplicate', 'away'] as const

interface Failure {
  readonly kind: 'failed'
  readonly cause: unknown
}

const isFailure = (outcome: Outcome | Failure): outcome is Failure => outcome.kind === 'failed'

/** Messages parsed without letting others run. */
const YIELD_AFTER = 100
/** A full list opens again when there is room worth the trouble. */
const REOPEN_BELOW = 0.95

const commandOf = (
  { client, email, update, id }: Extract<ParsedMessage, { ok: true }>,
  { origin, key }: QueueMessage,
  hash: string,
  sentAt: number,
): RecordUpdate => {
  const command = {
    client,
    filename: update.filename,
    email,
    id,
    hash,
    counts: update.counts,
    total: update.total,
    errors: update.errors,
    warnings: update.warnings,
    sentAt,
    channel: origin.channel,
  }
  if (update.end === undefined) return command
  // Of what a queue without order was sent in the same millisecond nobody knows which came before the end: it counts.
  const isUnordered = origin.channel === 'sqs' && key === null
  return { ...command, end: update.end, sentAt: isUnordered ? sentAt + 1 : sentAt }
}

const reasonOf = ({ detail, errors }: Extract<ParsedMessage, { ok: false }>): string => {
  const [first] = errors
  if (first === undefined) return detail
  return first.path === '' ? `${detail}: ${first.message}` : `${detail}: ${first.path} ${first.message}`
}
