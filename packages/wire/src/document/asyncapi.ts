import * as z from 'zod'
import { UpdateMessageSchema } from '../body/update-schema.ts'

export interface AsyncApiFacts {
  readonly version: string
  /** The topic that updates come by, by its name. */
  readonly kafkaTopic: string
}

/** The AsyncAPI 3.0 document of what the queues take, made from the schema of the message. */
export const asyncApiDocument = ({ version, kafkaTopic }: AsyncApiFacts): object => ({
  asyncapi: '3.0.0',
  info: {
    title: 'Pebbles queue messages',
    version,
    description:
      'Updates by SQS and Kafka: the same fields, rules and codes as by HTTP. Each takes effect exactly once, by its update id: `updateId`, else `source` and `id` of a CloudEvent, else the attribute `pebbles-update-id`, else the id of the SNS message that brought it, else that of the message. What is refused goes to the dead letters with its code. Who may send to a queue is trusted to name client and email.',
    license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
  },
  defaultContentType: 'application/json',
  channels: {
    kafka: {
      address: kafkaTopic,
      description:
        'The topic (`KAFKA_TOPIC_NAME`). Key records by client and filename, so that those of a file stay in order.',
      messages: { update: { $ref: '#/components/messages/update' }, event: { $ref: '#/components/messages/event' } },
    },
    sqs: {
      address: null,
      description: 'The queue (`SQS_QUEUE_URL`), directly or by an SNS topic.',
      messages: { update: { $ref: '#/components/messages/update' }, event: { $ref: '#/components/messages/event' } },
    },
  },
  operations: {
    receiveFromKafka: { action: 'receive', channel: { $ref: '#/channels/kafka' } },
    receiveFromSqs: { action: 'receive', channel: { $ref: '#/channels/sqs' } },
  },
  components: {
    messages: {
      update: {
        name: 'update',
        title: 'An update',
        contentType: 'application/json',
        payload: { $ref: '#/components/schemas/UpdateMessage' },
        examples: [{ name: 'update', payload: EXAMPLE }],
      },
      event: {
        name: 'event',
        title: 'An update as a CloudEvents 1.0 event',
        contentType: 'application/cloudevents+json',
        payload: { $ref: '#/components/schemas/UpdateEvent' },
        examples: [
          {
            name: 'event',
            payload: {
              specversion: '1.0',
              id: '42',
              source: '/loaders/orders',
              type: 'dev.pebbles.progress.update',
              data: EXAMPLE,
            },
          },
        ],
      },
    },
    schemas: {
      ...messageSchemas(),
      UpdateEvent: {
        type: 'object',
        description: 'Structured mode; on Kafka binary mode (`ce_*` headers) is read, too.',
        required: ['specversion', 'id', 'source', 'type'],
        properties: {
          specversion: { const: '1.0' },
          id: { type: 'string', minLength: 1, description: 'Together with `source` it tells a repeat.' },
          source: { type: 'string', minLength: 1 },
          type: { type: 'string', minLength: 1, examples: ['dev.pebbles.progress.update'] },
          data: { $ref: '#/components/schemas/UpdateMessage' },
          data_base64: { type: 'string', contentEncoding: 'base64' },
        },
      },
    },
  },
})

const EXAMPLE = {
  clientKrn: 'krn:acme:client:prod-001',
  email: 'loader@example.com',
  filename: 'orders-2026-01.csv',
  counts: { done: 98, warn: 1, failed: 1 },
  total: 1000,
  errors: [{ line: 17, message: 'Amount 12,50 is not a number' }],
  updateId: 'orders-2026-01.csv:0001',
}

/** Draft 7 is what AsyncAPI's own schemas are written in. The message and its named parts become components. */
const messageSchemas = (): Readonly<Record<string, unknown>> => {
  const schema = z.toJSONSchema(z.object({ message: UpdateMessageSchema }), { target: 'draft-7', io: 'input' })
  return JSON.parse(JSON.stringify(schema['definitions']).replaceAll('"#/definitions/', '"#/components/schemas/'))
}
