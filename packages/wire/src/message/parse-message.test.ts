import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type MessageOrigin, type ParsedMessage, parseMessage } from './parse-message.ts'

const digest = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')
const update = {
  clientKrn: 'krn:acme:client:1',
  email: 'ada@example.com',
  filename: 'a.csv',
  counts: { done: 1, warn: 0, failed: 0 },
}
const event = { specversion: '1.0', id: '1', source: '/loader', type: 'dev.pebbles.progress.update', data: update }
const notice = (message: unknown) => ({
  Type: 'Notification',
  MessageId: 'sns-1',
  TopicArn: 'arn:aws:sns:eu-west-1:1:t',
  Message: typeof message === 'string' ? message : JSON.stringify(message),
})

const sqs = (attributes: Record<string, string> = {}): MessageOrigin => ({
  channel: 'sqs',
  queue: 'q',
  messageId: 'm-1',
  attributes: new Map(Object.entries(attributes)),
})
const kafka = (headers: Record<string, string> = {}, place: object = {}): MessageOrigin => ({
  channel: 'kafka',
  topic: 'progress-updates',
  partition: 2,
  offset: '40',
  timestamp: '1768478400000',
  headers: new Map(Object.entries(headers)),
  ...place,
})
const parse = (body: unknown, origin: MessageOrigin = sqs()): ParsedMessage =>
  parseMessage(
    typeof body === 'string' || body === null || body instanceof Uint8Array ? body : JSON.stringify(body),
    origin,
    { digest },
  )
const idOf = (body: unknown, origin?: MessageOrigin): string => parse(body, origin).id
const codeOf = (body: unknown, origin?: MessageOrigin): string => {
  const message = parse(body, origin)
  return message.ok ? 'ok' : message.code
}

describe('a message', () => {
  it('is an update with its client and reporter', () => {
    expect(parse({ ...update, total: 5, isLast: true, errors: [{ message: 'x' }] })).toMatchObject({
      ok: true,
      client: 'krn:acme:client:1',
      email: 'ada@example.com',
      update: { filename: 'a.csv', total: 5, end: { outcome: 'succeeded' }, errors: [{ line: null, message: 'x' }] },
    })
    expect(parse(new TextEncoder().encode(JSON.stringify(update)), kafka())).toMatchObject({ ok: true })
  })

  it('is refused by the codes of HTTP, in its order', () => {
    expect(codeOf({ ...update, clientKrn: 'krn:acme', counts: 1, email: '' })).toBe('INVALID_CLIENT_KRN')
    expect(codeOf({ ...update, counts: 1, email: '' })).toBe('INVALID_BODY')
    expect(codeOf({ ...update, email: undefined })).toBe('NO_EMAIL')
    expect(codeOf({ ...update, email: ['ada@example.com'] })).toBe('NO_EMAIL')
    expect(codeOf('[]')).toBe('INVALID_BODY')
    expect(codeOf('{')).toBe('INVALID_BODY')
    expect(codeOf(new Uint8Array([0xff]), kafka())).toBe('INVALID_BODY')
    expect(codeOf('['.repeat(1_000_000))).toBe('INVALID_BODY')
    expect(codeOf(`${'{"data":'.repeat(1_000)}1${'}'.repeat(1_000)}`)).toBe('INVALID_BODY')
    expect(parse({ ...update, counts: { done: -1, warn: 0, failed: 0 } })).toMatchObject({
      errors: [{ path: 'counts.done' }],
    })
    expect(parseMessage(JSON.stringify(update), sqs(), { digest, narrowedBy: /^krn:other:/ })).toMatchObject({
      code: 'INVALID_CLIENT_KRN',
    })
  })

  it('is empty without a value', () => {
    expect(codeOf(null, kafka())).toBe('EMPTY_MESSAGE')
    expect(codeOf(new Uint8Array(), kafka())).toBe('EMPTY_MESSAGE')
    expect(codeOf('')).toBe('EMPTY_MESSAGE')
  })
})

describe('a CloudEvent', () => {
  it('is known by its content type or by specversion', () => {
    expect(parse(event)).toMatchObject({ ok: true, idFrom: 'cloudevent' })
    expect(parse(event, kafka({ 'Content-Type': 'Application/CloudEvents+JSON; charset=utf-8' }))).toMatchObject({
      ok: true,
    })
    expect(parse(update, kafka({ 'content-type': 'application/cloudevents+json' }))).toMatchObject({
      code: 'UNSUPPORTED_ENVELOPE',
    })
  })

  it('may hold its data as base64', () => {
    const { data, ...rest } = event
    const encoded = (text: string): string => Buffer.from(text).toString('base64')
    expect(parse({ ...rest, data_base64: encoded(JSON.stringify({ ...data, filename: 'é.csv' })) })).toMatchObject({
      ok: true,
      update: { filename: 'é.csv' },
    })
    for (const data_base64 of ['%%%', encoded('{'), encoded('['.repeat(100)), 1, ''])
      expect(codeOf({ ...rest, data_base64 })).toBe('INVALID_BODY')
    expect(codeOf({ ...event, data_base64: encoded('{}') })).toBe('INVALID_BODY')
  })

  it('comes in binary mode on Kafka', () => {
    const headers = {
      ce_specversion: '1.0',
      ce_id: '1',
      ce_source: '/loader',
      ce_type: 't',
      'content-type': 'application/json',
    }
    expect(parse(update, kafka(headers))).toMatchObject({ ok: true, idFrom: 'cloudevent' })
    expect(idOf(update, kafka(headers))).toBe(idOf(event))
    expect(codeOf(update, kafka({ ...headers, ce_specversion: '0.3' }))).toBe('UNSUPPORTED_ENVELOPE')
    expect(codeOf(update, kafka({ ...headers, ce_id: '' }))).toBe('INVALID_BODY')
    expect(parse(update, sqs(headers))).toMatchObject({ ok: true, idFrom: 'sqs' })
  })

  it('is refused in batch mode, in other versions, and around another envelope', () => {
    expect(codeOf([event, event])).toBe('UNSUPPORTED_ENVELOPE')
    expect(codeOf([event], kafka({ 'content-type': 'application/cloudevents-batch+json' }))).toBe(
      'UNSUPPORTED_ENVELOPE',
    )
    expect(codeOf({ ...event, specversion: '0.3' })).toBe('UNSUPPORTED_ENVELOPE')
    expect(codeOf({ ...event, data: event })).toBe('UNSUPPORTED_ENVELOPE')
    expect(codeOf({ ...event, data: notice(update) })).toBe('UNSUPPORTED_ENVELOPE')
  })

  it('needs its attributes and its data', () => {
    for (const field of ['id', 'source', 'type', 'data'])
      expect(codeOf({ ...event, [field]: undefined })).toBe('INVALID_BODY')
    expect(parse({ ...event, source: '' })).toMatchObject({ errors: [{ path: 'source' }] })
    expect(codeOf({ ...event, data: 'text' })).toBe('INVALID_BODY')
  })
})

describe('an envelope of SNS', () => {
  it('is opened on SQS', () => {
    expect(parse(notice(update))).toMatchObject({ ok: true, id: 'derived:sns:sns-1', idFrom: 'sns' })
    expect(parse(notice(event))).toMatchObject({ ok: true, idFrom: 'cloudevent', id: idOf(event) })
    expect(codeOf(notice(update), kafka())).toBe('UNSUPPORTED_ENVELOPE')
  })

  it('is refused when it is no notification', () => {
    for (const Type of ['SubscriptionConfirmation', 'UnsubscribeConfirmation'])
      expect(codeOf({ ...notice(update), Type, SubscribeURL: 'https://169.254.169.254/' })).toBe('UNSUPPORTED_ENVELOPE')
  })

  it('is refused around another one, or around what is no JSON', () => {
    expect(codeOf(notice(notice(update)))).toBe('UNSUPPORTED_ENVELOPE')
    expect(codeOf(notice([event]))).toBe('UNSUPPORTED_ENVELOPE')
    for (const message of ['hello', '['.repeat(65), '"\\ud800"']) expect(codeOf(notice(message))).toBe('INVALID_BODY')
    expect(codeOf({ ...notice(update), MessageId: undefined })).toBe('INVALID_BODY')
  })
})

describe('the id of an update', () => {
  const kept = { 'pebbles-update-id': 'derived:sqs:first' }

  it('is the first of: updateId, CloudEvent, our attribute, SNS, the message itself', () => {
    const own = { ...update, updateId: 'u1' }
    expect(parse({ ...event, data: own }, sqs(kept))).toMatchObject({ id: 'caller:u1', idFrom: 'updateId' })
    expect(parse(event, sqs(kept))).toMatchObject({ id: 'derived:cloudevent:["/loader","1"]', idFrom: 'cloudevent' })
    expect(parse(notice(update), sqs(kept))).toMatchObject({ id: 'derived:sqs:first', idFrom: 'attribute' })
    expect(parse(update)).toMatchObject({ id: 'derived:sqs:m-1', idFrom: 'sqs' })
    expect(parse(update, kafka())).toMatchObject({
      id: `derived:kafka:progress-updates/2/40/1768478400000/${digest(JSON.stringify(update)).slice(0, 16)}`,
      idFrom: 'kafka',
    })
  })

  it('is another one in a topic that was made anew', () => {
    expect(idOf(update, kafka())).toBe(idOf(update, kafka()))
    expect(idOf(update, kafka({}, { timestamp: '2' }))).not.toBe(idOf(update, kafka()))
    expect(idOf({ ...update, total: 5 }, kafka())).not.toBe(idOf(update, kafka()))
  })

  it('takes source and id of an event together', () => {
    expect(idOf({ ...event, source: '/other' })).not.toBe(idOf(event))
    expect(idOf({ ...event, source: '/loader","1' })).not.toBe(idOf(event))
    expect(idOf({ ...event, id: 'x'.repeat(10_000) })).toMatch(/^derived:cloudevent:sha256:[0-9a-f]{64}$/)
  })

  it('is kept by what a dead letter carries, however often it is replayed', () => {
    const refused = parse({ ...update, counts: 1 }, kafka())
    const replayed = parse({ ...update, counts: 1 }, sqs({ 'Pebbles-Update-Id': refused.id }))
    expect(replayed.id).toBe(refused.id)
    const foreign = parse(update, sqs({ 'pebbles-update-id': 'mine' }))
    expect(foreign.id).toBe('derived:attribute:mine')
    expect(parse(update, sqs({ 'pebbles-update-id': foreign.id })).id).toBe(foreign.id)
  })

  it('cannot be named by an attribute when a caller chose it', () => {
    expect(idOf(update, sqs({ 'pebbles-update-id': 'caller:u1' }))).toBe('derived:attribute:caller:u1')
    expect(idOf(update, sqs({ 'pebbles-update-id': 'batch:k#1' }))).toBe('derived:attribute:batch:k#1')
  })
})
