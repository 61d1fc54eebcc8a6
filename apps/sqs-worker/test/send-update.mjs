import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'

const { SQS_QUEUE_URL, SQS_ENDPOINT, AWS_REGION = 'eu-central-1' } = process.env
const sqs = new SQSClient({ region: AWS_REGION, ...(SQS_ENDPOINT ? { endpoint: SQS_ENDPOINT } : {}) })

const update = {
  clientKrn: 'krn:acme:client:1',
  email: 'loader@acme.example',
  filename: 'orders.csv',
  counts: { done: 500, warn: 3, failed: 0 },
  total: 2000,
  updateId: 'orders.csv lines 1-503',
}
await sqs.send(new SendMessageCommand({ QueueUrl: SQS_QUEUE_URL, MessageBody: JSON.stringify(update) }))
