import { type ClientKrn, type Email, parseClientKrn, parseEmail, REFUSALS, type UpdateId } from '@pebbles/core'
import { type BodyError, bodyError } from '../body/body-error.ts'
import { callerId } from '../body/canonical-update.ts'
import { isJsonObject } from '../body/json-object.ts'
import { parseJson } from '../body/parse-json.ts'
import { type ParsedUpdate, parseUpdateBody } from '../body/parse-update.ts'
import { EXPECTED } from '../body/update-schema.ts'
import { type Envelope, openEnvelope, type ReadInner } from './open-envelope.ts'

/** Where a message comes from, with what its broker says of it. */
export type MessageOrigin =
  | {
      readonly channel: 'sqs'
      /** Its name. */
      readonly queue: string
      readonly messageId: string
      readonly attributes: ReadonlyMap<string, string>
    }
  | {
      readonly channel: 'kafka'
      readonly topic: string
      readonly partition: number
      readonly offset: string
      /** Of the record, ms since 1970, as text. */
      readonly timestamp: string
      readonly headers: ReadonlyMap<string, string>
    }

/** What a worker brings along. */
export interface MessageOptions {
  /** SHA-256 in hex. */
  readonly digest: (data: string | Uint8Array) => string
  /** The operator's own form of client KRNs. */
  readonly narrowedBy?: RegExp
}

/** The codes with which a message goes to the dead letters before any rule of progress is asked. */
export type MessageRefusal =
  | 'INVALID_BODY'
  | 'INVALID_CLIENT_KRN'
  | 'NO_EMAIL'
  | 'UNSUPPORTED_ENVELOPE'
  | 'EMPTY_MESSAGE'

/** A message that was parsed, or why it is refused. */
export type ParsedMessage =
  | {
      readonly ok: true
      readonly client: ClientKrn
      readonly email: Email
      readonly update: ParsedUpdate
      readonly id: UpdateId
      /** Which rule gave the id, the first that applies. */
      readonly idFrom: IdRule
    }
  | {
      readonly ok: false
      readonly code: MessageRefusal
      readonly detail: string
      readonly errors: readonly BodyError[]
      /** What a dead letter carries as its `pebbles-update-id`, so that a replay keeps it. */
      readonly id: UpdateId
    }

/** The rules by which a message gets its update id, in their order. */
export type IdRule = 'updateId' | 'cloudevent' | 'attribute' | 'sns' | 'sqs' | 'kafka'

/** The attribute or header by which a dead letter keeps the id of its message. */
export const UPDATE_ID_ATTRIBUTE = 'pebbles-update-id'

/**
 * Parses a queue message: an update with `clientKrn` and `email`, alone, as a CloudEvents 1.0 event, or (on SQS) in an
 * envelope of SNS. The rules and codes are those of HTTP, in its order: client, body, email. Never throws, and never
 * follows an address that stands in a message.
 */
export const parseMessage = (
  body: string | Uint8Array | null,
  origin: MessageOrigin,
  options: MessageOptions,
): ParsedMessage => {
  const headers = lowerCased(origin.channel === 'sqs' ? origin.attributes : origin.headers)
  const given = { body, headers, origin, digest: options.digest }
  if (body === null || body.length === 0) return refused(given, 'EMPTY_MESSAGE', [], null)
  const json = parseJson(body)
  if (!json.ok) return refused(given, 'INVALID_BODY', json.errors, null)
  const envelope = openEnvelope(json.value, headers, origin.channel, readInner)
  if (envelope.kind === 'unsupported') return refused(given, 'UNSUPPORTED_ENVELOPE', [], null, envelope.detail)
  if (envelope.kind === 'malformed')
    return refused(given, 'INVALID_BODY', [bodyError([envelope.field], envelope.detail)], null)

  const { data } = envelope
  if (!isJsonObject(data)) return refused(given, 'INVALID_BODY', [bodyError([], EXPECTED.object)], envelope)
  const { clientKrn } = data
  const client = typeof clientKrn === 'string' ? parseClientKrn(clientKrn, options.narrowedBy) : undefined
  if (client === undefined)
    return refused(given, 'INVALID_CLIENT_KRN', [bodyError(['clientKrn'], 'must be a client KRN')], envelope)
  const parsed = parseUpdateBody(data)
  if (!parsed.ok) return refused(given, 'INVALID_BODY', parsed.errors, envelope)
  const email = parseEmail(data['email'])
  if (email === undefined)
    return refused(given, 'NO_EMAIL', [bodyError(['email'], 'must be the email of the reporter')], envelope)
  const { id, idFrom } = idOf(parsed.update.updateId, envelope, given)
  return { ok: true, client, email, update: parsed.update, id, idFrom }
}

type Opened = Exclude<Envelope, { kind: 'unsupported' | 'malformed' }>

/** What an id is made of, beside what the body says. */
interface Given extends Pick<MessageOptions, 'digest'> {
  readonly body: string | Uint8Array | null
  readonly headers: ReadonlyMap<string, string>
  readonly origin: MessageOrigin
}

const refused = (
  given: Given,
  code: MessageRefusal,
  errors: readonly BodyError[],
  envelope: Opened | null,
  detail: string = REFUSALS[code],
): ParsedMessage => ({ ok: false, code, detail, errors, id: idOf(null, envelope, given).id })

/** Ids made here live in the name space `derived:`, with the kind behind it, so that no two rules can meet. */
const idOf = (
  updateId: string | null,
  envelope: Opened | null,
  { body, headers, origin, digest }: Given,
): { readonly id: UpdateId; readonly idFrom: IdRule } => {
  if (updateId !== null) return { id: callerId(updateId), idFrom: 'updateId' }
  if (envelope !== null && envelope.event !== null) {
    const name = JSON.stringify([envelope.event.source, envelope.event.id])
    return { id: `derived:cloudevent:${short(name, digest)}`, idFrom: 'cloudevent' }
  }
  const kept = headers.get(UPDATE_ID_ATTRIBUTE)
  if (kept !== undefined && kept !== '') {
    // Only ids that were made here come back as they were: an attribute cannot name what a caller chose.
    const ours = /^derived:(?:sns|sqs|kafka|attribute):[\x20-\x7e]{1,512}$/.test(kept)
    return { id: ours ? (kept as UpdateId) : `derived:attribute:${short(kept, digest)}`, idFrom: 'attribute' }
  }
  if (envelope !== null && envelope.snsMessageId !== null)
    return { id: `derived:sns:${short(envelope.snsMessageId, digest)}`, idFrom: 'sns' }
  if (origin.channel === 'sqs') return { id: `derived:sqs:${origin.messageId}`, idFrom: 'sqs' }
  // The time and the value, as a topic that was made anew begins at the same offsets.
  const { topic, partition, offset, timestamp } = origin
  const parts = [`derived:kafka:${topic}`, partition, offset, timestamp, digest(body ?? '').slice(0, 16)]
  return { id: parts.join('/') as UpdateId, idFrom: 'kafka' }
}

const MAX_PLAIN_ID = 256

/** Ids stand in an index: what is long or not plain is named by its digest. */
const short = (name: string, digest: MessageOptions['digest']): string =>
  name.length <= MAX_PLAIN_ID && /^[\x20-\x7e]+$/.test(name) ? name : `sha256:${digest(name)}`

const readInner: ReadInner = (inner) => {
  const json = parseJson(inner)
  return json.ok ? json.value : undefined
}

const lowerCased = (headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  headers.size === 0 ? headers : new Map([...headers].map(([name, value]) => [name.toLowerCase(), value]))
