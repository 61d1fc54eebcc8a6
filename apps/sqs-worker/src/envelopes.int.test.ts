import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { anUpdate } from '@pebbles/intake/testing'
import { expect, it } from 'vitest'
import { openFaultScene } from '../test/fault-scene.ts'

const event = (source: string, id: string, facts: object = { data: anUpdate() }): object => ({
  ...{ specversion: '1.0', type: 'dev.pebbles.progress.update', source, id },
  ...facts,
})
const notice = (id: string, message: object, facts: object = {}): object => ({
  ...{ Type: 'Notification', MessageId: id, TopicArn: 'arn:aws:sns:eu-west-1:1:t', Message: JSON.stringify(message) },
  ...facts,
})
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64')

it('counts each event once, by its source and id together, whatever it is wrapped in and however often it comes', async () => {
  await using scene = await openFaultScene()
  const { queue, start } = scene
  const events = ['/loader', '/other'].flatMap((source) => ['1', '2', '3'].map((id) => event(source, id)))
  await queue.send([...events, ...events])
  // By SNS, with raw delivery and without: the notification is new at each fan-out, the event is the same.
  await queue.send([
    ...events.map((one, n) => notice(`sns-${n}`, one)),
    event('/loader', '4', { data_base64: base64(anUpdate()) }),
  ])
  // Without an event it is the MessageId of SNS that tells.
  await queue.send([notice('sns-a', anUpdate()), notice('sns-a', anUpdate()), notice('sns-b', anUpdate())])
  await scene.ends(start(), 6 + 1 + 2)
  expect(await scene.dead.depth()).toBe(0)
})

it('puts what it does not open to the dead letters, and calls no address in it', async () => {
  let asked = 0
  const canary = createServer((_, response) => {
    asked += 1
    response.end()
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => canary.once('listening', resolve))
  const url = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/`
  const urls = { SubscribeURL: url, UnsubscribeURL: url, SigningCertURL: url }
  await using scene = await openFaultScene()
  const { queue, dead, start } = scene
  const nested = `${'{"specversion":"1.0","id":"1","source":"/a","type":"t","data":'.repeat(1_000)}1${'}'.repeat(1_000)}`
  await queue.send([
    notice('c', {}, { Type: 'SubscriptionConfirmation', Token: 'token', ...urls }),
    notice('u', {}, { Type: 'UnsubscribeConfirmation', Token: 'token', ...urls }),
    [event('/a', '1'), event('/a', '2')],
    event('/a', '1', { data: notice('n', anUpdate(), urls) }),
    event('/a', '1', { data: event('/a', '2') }),
    notice('n', notice('m', anUpdate(), urls)),
    event('/a', '1', { specversion: '0.3' }),
    nested,
    // A good one: its addresses are not for us either.
    notice('good', { ...anUpdate(), dataschema: url, schemaurl: url }, urls),
  ])
  await scene.ends(start(), 1)
  const letters = await dead.drain()
  const codes = letters.map(({ MessageAttributes: facts = {} }) => facts['pebbles-code']?.StringValue)
  expect(codes.sort()).toEqual(['INVALID_BODY', ...Array.from({ length: 7 }, () => 'UNSUPPORTED_ENVELOPE')])
  expect(asked).toBe(0)
  canary.close()
})
