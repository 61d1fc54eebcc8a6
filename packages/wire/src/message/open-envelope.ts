import { isJsonObject, type JsonObject } from '../body/json-object.ts'

/** What a message was wrapped in, and what of it can tell a repeat. */
export type Envelope =
  | {
      readonly kind: 'plain' | 'cloudevent' | 'sns'
      readonly data: unknown
      /** `source` and `id` of the event, which only together name it. */
      readonly event: { readonly source: string; readonly id: string } | null
      readonly snsMessageId: string | null
    }
  | { readonly kind: 'unsupported'; readonly detail: string }
  | { readonly kind: 'malformed'; readonly field: string; readonly detail: string }

/** Reads inner JSON, as deep and as well-formed as any other; undefined when it is not. */
export type ReadInner = (json: string | Uint8Array) => unknown

/** Opens at most one envelope of each kind: an event may come in a notification, and nothing within an event. */
export const openEnvelope = (
  value: unknown,
  headers: ReadonlyMap<string, string>,
  channel: 'sqs' | 'kafka',
  readInner: ReadInner,
): Envelope => {
  if (contentType(headers).startsWith('application/cloudevents-batch') || isEventBatch(value))
    return unsupported('A batch of CloudEvents is not supported')
  if (isEvent(value, headers)) return openEvent(value, readInner)
  if (headers.has('ce_specversion') && channel === 'kafka') return openBinaryEvent(value, headers)
  if (!isNotice(value)) return { kind: 'plain', data: value, event: null, snsMessageId: null }
  if (channel === 'kafka') return unsupported('An envelope of SNS is read from SQS only')
  return openNotice(value, readInner)
}

const openNotice = (notice: JsonObject, readInner: ReadInner): Envelope => {
  // What confirms or ends a subscription is its owner's to answer: the URL in it is never touched.
  if (notice['Type'] !== 'Notification')
    return unsupported(`An SNS message of type ${String(notice['Type'])} is not supported`)
  const { MessageId, Message } = notice
  if (!isName(MessageId)) return malformed('MessageId', 'must be text')
  const inner = typeof Message === 'string' ? readInner(Message) : undefined
  if (inner === undefined) return malformed('Message', 'must be JSON text')
  if (isNotice(inner) || isEventBatch(inner)) return unsupported('An envelope within an envelope is not supported')
  if (!isEvent(inner, NO_HEADERS)) return { kind: 'sns', data: inner, event: null, snsMessageId: MessageId }
  const event = openEvent(inner, readInner)
  return event.kind === 'cloudevent' ? { ...event, snsMessageId: MessageId } : event
}

const openEvent = (event: unknown, readInner: ReadInner): Envelope => {
  if (!isJsonObject(event)) return malformed('', 'must be a CloudEvent')
  if (event['specversion'] !== '1.0') return unsupported('Only CloudEvents 1.0 is supported')
  for (const field of ['id', 'source', 'type']) if (!isName(event[field])) return malformed(field, 'must be text')
  const { id, source, data, data_base64: encoded } = event
  if (data !== undefined && encoded !== undefined) return malformed('data_base64', 'is taken only without data')
  const inner = encoded === undefined ? data : readInner(bytesOf(encoded) ?? '')
  if (encoded !== undefined && inner === undefined) return malformed('data_base64', 'must be base64 of JSON')
  return eventOf(inner, source as string, id as string)
}

const openBinaryEvent = (value: unknown, headers: ReadonlyMap<string, string>): Envelope => {
  if (headers.get('ce_specversion') !== '1.0') return unsupported('Only CloudEvents 1.0 is supported')
  for (const field of ['ce_id', 'ce_source', 'ce_type'])
    if (!headers.get(field)) return malformed(field, 'must be text')
  return eventOf(value, headers.get('ce_source') ?? '', headers.get('ce_id') ?? '')
}

const eventOf = (data: unknown, source: string, id: string): Envelope => {
  if (isNotice(data) || isEvent(data, NO_HEADERS)) return unsupported('An envelope within an envelope is not supported')
  return { kind: 'cloudevent', data, event: { source, id }, snsMessageId: null }
}

const NO_HEADERS: ReadonlyMap<string, string> = new Map()
const NOTICES = ['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']

const contentType = (headers: ReadonlyMap<string, string>): string =>
  (headers.get('content-type') ?? '').trim().toLowerCase()

const isEvent = (value: unknown, headers: ReadonlyMap<string, string>): boolean =>
  contentType(headers).startsWith('application/cloudevents') ||
  (isJsonObject(value) && Object.hasOwn(value, 'specversion'))

const isEventBatch = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((item) => isEvent(item, NO_HEADERS))

const isNotice = (value: unknown): value is JsonObject =>
  isJsonObject(value) && NOTICES.includes(value['Type'] as string) && Object.hasOwn(value, 'TopicArn')

const isName = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** The bytes behind standard base64, or null; line breaks are no part of it. */
const bytesOf = (encoded: unknown): Uint8Array | null => {
  if (typeof encoded !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) return null
  try {
    return Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}

const unsupported = (detail: string): Envelope => ({ kind: 'unsupported', detail })
const malformed = (field: string, detail: string): Envelope => ({ kind: 'malformed', field, detail })
