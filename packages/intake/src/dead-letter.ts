import { payloadBytes, REJECTED_MESSAGE_MAX_BYTES, type RejectedMessage, type UpdateId } from '@pebbles/core'
import { UPDATE_ID_ATTRIBUTE } from '@pebbles/wire'
import { headerBytes, headerTexts, placeOf, type QueueMessage } from './queue-message.ts'

/** A refused message, and why. */
export interface DeadLetter {
  readonly message: QueueMessage
  readonly updateId: UpdateId
  readonly code: string
  readonly reason: string
  /** ms: when it was refused. */
  readonly at: number
  /** When it was sent first, ms. */
  readonly sentAt: number
  /** How often it was refused, this time included. */
  readonly attempts: number
}

/** Where refused messages go. */
export interface DeadLetterDestination {
  /**
   * One answer for each letter, in order: true when the destination has it for good. May reject when it is away: then
   * it has none of them for sure.
   */
  readonly send: (letters: readonly DeadLetter[]) => Promise<readonly boolean[]>
}

/** What a dead letter carries beside the message itself. */
export const ATTRIBUTES = {
  updateId: UPDATE_ID_ATTRIBUTE,
  code: 'pebbles-code',
  reason: 'pebbles-reason',
  time: 'pebbles-time',
  origin: 'pebbles-origin',
  sentAt: 'pebbles-sent-at',
  attempts: 'pebbles-attempts',
} as const

const OURS: ReadonlySet<string> = new Set(Object.values(ATTRIBUTES))

/** Every queue takes values of this length and these characters. */
const MAX_CHARACTERS = 256
const UNSAFE = /[^\x20-\x7e]+/g

/** Printable ASCII, at most 256 characters: what every broker takes, and every console shows harmlessly. */
export const safeText = (text: string): string => {
  const safe = text.slice(0, 4 * MAX_CHARACTERS).replaceAll(UNSAFE, '?')
  return safe.length <= MAX_CHARACTERS ? safe || '-' : `${safe.slice(0, MAX_CHARACTERS - 3)}...`
}

/** Our attributes of a letter, in the place of those of an earlier refusal: they never pile up. */
export const letterAttributes = (letter: DeadLetter): readonly (readonly [name: string, value: string])[] => [
  // Whole: a cut one would be another id.
  [ATTRIBUTES.updateId, letter.updateId.replaceAll(UNSAFE, '?')],
  [ATTRIBUTES.code, safeText(letter.code)],
  [ATTRIBUTES.reason, safeText(letter.reason)],
  [ATTRIBUTES.time, new Date(letter.at).toISOString()],
  [ATTRIBUTES.origin, safeText(placeOf(letter.message))],
  [ATTRIBUTES.sentAt, String(letter.sentAt)],
  [ATTRIBUTES.attempts, String(letter.attempts)],
]

/** The headers that a message had from its sender. */
export const senderHeaders = (headers: QueueMessage['headers']): QueueMessage['headers'] =>
  headers.filter(([name]) => !OURS.has(name.toLowerCase()))

/** When a message was sent first, and how often it was refused since: a letter that is sent again knows both. */
export const historyOf = (
  message: QueueMessage,
  now: number,
): { readonly attempts: number; readonly sentAt: number } => {
  const sentAt = sendingOf(message, now)
  const texts = headerTexts(message.headers)
  // A replay sends anew, and the broker stamps it anew: only the letter knows when it was sent first.
  if (!texts.has(ATTRIBUTES.updateId)) return { attempts: 0, sentAt }
  return {
    attempts: numberOf(texts.get(ATTRIBUTES.attempts)) ?? 0,
    sentAt: Math.min(sentAt, numberOf(texts.get(ATTRIBUTES.sentAt)) ?? sentAt),
  }
}

/** So far ahead of this process a clock may be: stamps of one sender are compared with each other, and not with it. */
const AHEAD_MS = 300_000

/** A sender of Kafka may stamp anything, -1 for nothing: what is no time, or is to come, is when it was received. */
const sendingOf = ({ sentAt }: QueueMessage, now: number): number =>
  sentAt >= 0 && sentAt <= now + AHEAD_MS ? sentAt : now

const numberOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null

/** A letter as the store keeps it. What no store takes would stand in the way of all others for ever: of it only the facts are kept. */
export const rejectedOf = (letter: DeadLetter): RejectedMessage => {
  const { body, key, headers } = letter.message
  const came = { body: typeof body === 'string' ? headerBytes(body) : body, key, headers: senderHeaders(headers) }
  const bytes = payloadBytes(came)
  if (bytes > REJECTED_MESSAGE_MAX_BYTES) return factsOf(letter, `its ${bytes} bytes are only where it came from`)
  return { ...factsOf(letter), ...came }
}

/** All of a letter but the message itself. */
export const factsOf = (letter: DeadLetter, note?: string): RejectedMessage => {
  const { message, updateId, code, reason, at, sentAt, attempts } = letter
  return {
    origin: placeOf(message),
    channel: message.origin.channel,
    updateId,
    code,
    reason: safeText(note === undefined ? reason : `${note}: ${reason}`),
    at,
    sentAt,
    attempts,
    body: null,
    key: null,
    headers: [],
  }
}

/** A dead letter as `pebbles dlq list` shows it. */
export interface DeadLetterRow {
  readonly place: 'store' | 'sqs' | 'kafka'
  readonly code: string | null
  readonly reason: string | null
  readonly origin: string | null
  readonly updateId: string | null
  readonly time: string | null
  readonly attempts: number
}

export const rowOfKept = (kept: RejectedMessage): DeadLetterRow => ({
  place: 'store',
  code: kept.code,
  reason: kept.reason,
  origin: safeText(kept.origin),
  updateId: kept.updateId,
  time: new Date(kept.at).toISOString(),
  attempts: kept.attempts,
})

/** By the attributes that a letter carries; whoever else put a message there gave it none. */
export const rowOfLetter = (place: 'sqs' | 'kafka', headers: QueueMessage['headers']): DeadLetterRow => {
  const texts = headerTexts(headers)
  return {
    place,
    code: texts.get(ATTRIBUTES.code) ?? null,
    reason: texts.get(ATTRIBUTES.reason) ?? null,
    origin: texts.get(ATTRIBUTES.origin) ?? null,
    updateId: texts.get(ATTRIBUTES.updateId) ?? null,
    time: texts.get(ATTRIBUTES.time) ?? null,
    attempts: numberOf(texts.get(ATTRIBUTES.attempts)) ?? 0,
  }
}

/** The headers with which a dead letter is sent again: what it had from its sender, its id and its history. */
export const resentHeaders = (headers: QueueMessage['headers']): QueueMessage['headers'] =>
  headers.filter(([name]) => !OURS.has(name.toLowerCase()) || KEPT_ON_REPLAY.has(name.toLowerCase()))

const KEPT_ON_REPLAY: ReadonlySet<string> = new Set([ATTRIBUTES.updateId, ATTRIBUTES.attempts, ATTRIBUTES.sentAt])

/** The headers with which a kept message is sent again, so that it keeps its id and its history. */
export const replayHeaders = (kept: RejectedMessage): QueueMessage['headers'] => [
  ...kept.headers,
  [ATTRIBUTES.updateId, headerBytes(kept.updateId)],
  [ATTRIBUTES.attempts, headerBytes(String(kept.attempts))],
  [ATTRIBUTES.sentAt, headerBytes(String(kept.sentAt))],
]
