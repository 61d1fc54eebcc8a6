import type { Channel, UpdateId } from '../progress/update.ts'

/** A queue message that was refused, as it came: what a replay needs to send it again untouched. */
export interface RejectedMessage {
  /** Names the one delivery: the queue or topic, and its place there. */
  readonly origin: string
  readonly channel: Exclude<Channel, 'http'>
  /** What it would have been applied under; a replay keeps it. */
  readonly updateId: UpdateId
  /** The code of the refusal, and why in words. */
  readonly code: string
  readonly reason: string
  /** ms: when it was refused, and when it was sent. */
  readonly at: number
  readonly sentAt: number
  /** How often it was refused, this time included. */
  readonly attempts: number
  readonly body: Uint8Array | null
  readonly key: Uint8Array | null
  readonly headers: readonly (readonly [name: string, value: Uint8Array])[]
}

export interface KeptMessage extends RejectedMessage {
  /** Its place in the list: the later it was kept, the greater. */
  readonly no: number
}

export interface RejectedSize {
  readonly messages: number
  readonly bytes: number
}

/** At most so much is kept in a store; then intake stops, as nothing may be lost. */
export const REJECTED_MAX_BYTES = 1024 ** 3

/**
 * The list of last resort: refused messages that no dead-letter destination took. Calls on a store that is away reject
 * with `StoreUnavailable`; whether they took effect is then unknown, and a repeat is safe.
 */
export interface RejectedMessages {
  /**
   * Keeps all of them, durably, or, where they would not fit into `maxBytes` with what is there, none (`full`). One
   * with the origin of a kept one takes its place.
   */
  readonly keep: (messages: readonly RejectedMessage[], maxBytes: number) => Promise<'kept' | 'full'>
  /** Oldest first, after a place (0: from the start); at most `limit`, of one channel or of all. */
  readonly list: (limit: number, after: number, channel?: RejectedMessage['channel']) => Promise<readonly KeptMessage[]>
  /** Forgets these; those that are gone already are no error. */
  readonly drop: (nos: readonly number[]) => Promise<void>
  /** The place of the newest, of one channel or of all; 0 when there is none. */
  readonly last: (channel?: RejectedMessage['channel']) => Promise<number>
  /** Of one channel or of all. */
  readonly size: (channel?: RejectedMessage['channel']) => Promise<RejectedSize>
}

/** Each store takes a message that came with so much, by `payloadBytes`. */
export const REJECTED_MESSAGE_MAX_BYTES = 8 * 1024 * 1024

/** What a message counts for. */
export const rejectedBytes = (message: RejectedMessage): number =>
  payloadBytes(message) + message.reason.length + message.origin.length + message.updateId.length + ROW_BYTES

/** What a message counts for as it came. */
export const payloadBytes = ({ body, key, headers }: Pick<RejectedMessage, 'body' | 'key' | 'headers'>): number => {
  let bytes = (body?.byteLength ?? 0) + (key?.byteLength ?? 0)
  for (const [name, value] of headers) bytes += name.length * CHARACTER_BYTES + value.byteLength + HEADER_BYTES
  return bytes
}

const ROW_BYTES = 128
/** However small a header is, a document has fields of its own for it. */
const HEADER_BYTES = 64
const CHARACTER_BYTES = 3
