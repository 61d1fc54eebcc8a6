import { type MaskedMessage, maskMessage } from '../patterns/mask-message.ts'
import type { Clock } from '../ports/clock.ts'
import type { ByKind, Issue } from '../progress/issue.ts'
import type { RecordUpdate } from '../progress/update.ts'
import type { Outcome } from './outcome.ts'

export type MaskedIssues = ByKind<readonly MaskedMessage[]>

/** An update on its way through a group. */
export interface PendingUpdate {
  readonly command: RecordUpdate
  /** The key of its file. */
  readonly file: string
  /** Null while its messages are being masked; its file waits for it, so that order holds. */
  masked: MaskedIssues | null
  /** When it was handed over, by the monotonic clock. */
  readonly since: number
  /** About what it takes in the store. */
  readonly bytes: number
  /** It was in a commit whose fate is open: found in the journal now, it may well be this very one. */
  readonly attempted: boolean
  /** Whom to answer, and which of its updates this is. */
  readonly call: PendingCall
  readonly place: number
}

/** One call of `record`, until each of its updates has an outcome. */
export interface PendingCall {
  readonly settle: (place: number, outcome: Outcome) => void
  readonly fail: (bug: unknown) => void
}

export const createPendingCall = (
  updates: number,
  answer: (outcomes: readonly Outcome[]) => void,
  fail: (bug: unknown) => void,
): PendingCall => {
  const outcomes = new Array<Outcome>(updates)
  let open = updates
  return {
    settle: (place, outcome) => {
      if (outcomes[place] !== undefined) return
      outcomes[place] = outcome
      open -= 1
      if (open === 0) answer(outcomes)
    },
    fail,
  }
}

const SLICE_MS = 10
/** Masking a thousand characters takes some ten microseconds: looking at the clock more often costs more than it tells. */
const CHECK_EVERY_CHARACTERS = 16_384

/** Lets others run whenever a slice of long work is used up: call it with what was just worked through. */
export const createSlicer = (clock: Clock): ((characters: number) => Promise<void> | undefined) => {
  let started = clock.monotonic()
  let worked = 0
  return (characters) => {
    worked += characters + 32
    if (worked < CHECK_EVERY_CHARACTERS) return undefined
    worked = 0
    if (clock.monotonic() - started < SLICE_MS) return undefined
    return clock.pause().then(() => {
      started = clock.monotonic()
    })
  }
}

const REMEMBERED_MESSAGES = 10_000

/** Brings no issue: as most. */
export const isPlain = ({ errors, warnings }: RecordUpdate): boolean => errors.length + warnings.length === 0

const NO_ISSUES: MaskedIssues = { error: [], warning: [] }
const FEW_ISSUES = 8

/**
 * Masks the messages of an update before it enters a group: most of the work of grouping needs no table. At once when
 * they are few and short.
 */
export const maskIssues = (command: RecordUpdate, clock: Clock): MaskedIssues | Promise<MaskedIssues> => {
  if (isPlain(command)) return NO_ISSUES
  const { errors, warnings } = command
  const isShort = errors.length + warnings.length <= FEW_ISSUES && storedBytes(command) < CHECK_EVERY_CHARACTERS
  return isShort ? { error: errors.map(maskIssue), warning: warnings.map(maskIssue) } : maskMany(command, clock)
}

const maskIssue = ({ message }: Issue): MaskedMessage => maskMessage(message)

const maskMany = async (command: RecordUpdate, clock: Clock): Promise<MaskedIssues> => {
  const slice = createSlicer(clock)
  const masks = async (issues: readonly Issue[]): Promise<readonly MaskedMessage[]> => {
    const masked: MaskedMessage[] = []
    const seen = new Map<string, MaskedMessage>()
    for (const { message } of issues) {
      const mask = seen.get(message) ?? maskMessage(message)
      if (seen.size < REMEMBERED_MESSAGES) seen.set(message, mask)
      masked.push(mask)
      const pause = slice(message.length)
      if (pause !== undefined) await pause
    }
    return masked
  }
  return { error: await masks(command.errors), warning: await masks(command.warnings) }
}

export const storedBytes = (command: RecordUpdate): number => {
  let bytes = 300 + command.filename.length
  for (const { message } of command.errors) bytes += message.length + 24
  for (const { message } of command.warnings) bytes += message.length + 24
  return bytes
}
