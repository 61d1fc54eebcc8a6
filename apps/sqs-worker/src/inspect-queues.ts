import type { QueueFinding } from '@pebbles/intake'
import { faultOf, type QueueClient, type QueueFacts } from './queue-client.ts'
import { queueName } from './sqs-message.ts'

export interface InspectQueuesDeps {
  readonly client: Pick<QueueClient, 'describe'>
  readonly queueUrl: string
  readonly deadLetterUrl: string | null
}

/** A worker that is killed, or a stop that was too short, costs a good message a receive. */
const LEAST_RECEIVES = 5

/** Whether the queues answer, and whether SQS itself would take messages away that are only late. */
export const inspectQueues = async (deps: InspectQueuesDeps): Promise<readonly QueueFinding[]> => {
  const { client, queueUrl, deadLetterUrl } = deps
  const queue = await factsOf(client, 'SQS_QUEUE_URL', queueUrl)
  const findings = 'check' in queue ? [queue] : [checkRedrive(queueName(queueUrl), queue)]
  if (deadLetterUrl === null)
    return [...findings, ok('SQS_DLQ_URL', 'not set: refused messages are kept in the store, up to 1 GiB')]
  const dead = await factsOf(client, 'SQS_DLQ_URL', deadLetterUrl)
  if ('check' in dead) return [...findings, dead]
  return [...findings, checkDeadLetters(queueName(deadLetterUrl), dead, 'check' in queue ? null : queue)]
}

const factsOf = async (
  client: InspectQueuesDeps['client'],
  check: string,
  url: string,
): Promise<QueueFacts | QueueFinding> => {
  try {
    return await client.describe(url)
  } catch (error) {
    const cure = `Look at ${check}, AWS_REGION, the credentials, and the right to sqs:GetQueueAttributes`
    return { check, status: 'fail', message: `${queueName(url)} does not answer: ${faultOf(error)}`, cure }
  }
}

const checkRedrive = (name: string, { redrive }: QueueFacts): QueueFinding => {
  const check = 'SQS_QUEUE_URL'
  if (redrive === null) return ok(check, `${name} answers; SQS takes no message away from it`)
  const { maxReceives } = redrive
  if (maxReceives >= LEAST_RECEIVES) return ok(check, `${name} answers; maxReceiveCount is ${maxReceives}`)
  return {
    ...{ check, status: 'warn' },
    message: `${name} gives a message up that was received ${maxReceives === 1 ? 'once' : `${maxReceives} times`}`,
    cure: `Set maxReceiveCount to ${LEAST_RECEIVES} or more: a worker that is killed costs a receive`,
  }
}

const checkDeadLetters = (name: string, dead: QueueFacts, queue: QueueFacts | null): QueueFinding =>
  queue !== null && dead.redrive?.arn === queue.arn
    ? {
        ...{ check: 'SQS_DLQ_URL', status: 'fail' },
        message: `${name} gives its messages back to the queue: SQS redrives them`,
        cure: 'Take the redrive policy off the dead-letter queue',
      }
    : ok('SQS_DLQ_URL', `${name} answers`)

const ok = (check: string, message: string): QueueFinding => ({ check, status: 'ok', message, cure: null })
