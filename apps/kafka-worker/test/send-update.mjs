import kafkajs from 'kafkajs'

const { KAFKA_BOOTSTRAP_SERVERS = 'localhost:9092', KAFKA_TOPIC_NAME = 'progress-updates' } = process.env
const kafka = new kafkajs.Kafka({ brokers: KAFKA_BOOTSTRAP_SERVERS.split(','), logLevel: kafkajs.logLevel.ERROR })
const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner })

const update = {
  clientKrn: 'krn:acme:client:1',
  email: 'loader@acme.example',
  filename: 'orders.csv',
  counts: { done: 500, warn: 3, failed: 0 },
  total: 2000,
  updateId: 'orders.csv lines 1-503',
}
await producer.connect()
// One key for each file: its updates stay in order, and in one worker's hands.
const key = `${update.clientKrn}/${update.filename}`
await producer.send({ topic: KAFKA_TOPIC_NAME, messages: [{ key, value: JSON.stringify(update) }] })
await producer.disconnect()
