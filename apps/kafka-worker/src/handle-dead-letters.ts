import type { RejectedMessages } from '@pebbles/core'
import {
  type DeadLetterRow,
  listRejected,
  type Replayed,
  replayHeaders,
  replayRejected,
  resentHeaders,
  rowOfLetter,
} from '@pebbles/intake'
import kafkajs, { type Message, type Producer } from 'kafkajs'
import type { BrokerRecord } from './broker-record.ts'
import { hasErrorType, NO_TOPIC } from './error-type.ts'
import { type BrokerSettings, createClient } from './kafka-client.ts'
import { endsOf, type LetterTopic, readLetters, SILENT } from './read-letters.ts'
import { sendRecords, toMessage } from './send-records.ts'

export interface HandleDeadLettersDeps {
  readonly broker: BrokerSettings
  readonly topic: string
  readonly groupId: string
  readonly deadLetterTopic: string | null
  readonly rejected: RejectedMessages | null
  readonly now: () => number
}

/** How many there are that were not replayed yet, and some of them. */
export const listDeadLetters = async (
  deps: HandleDeadLettersDeps,
  limit: number,
): Promise<{ readonly total: number; readonly rows: readonly DeadLetterRow[] }> => {
  const kept = await listRejected(deps.rejected, 'kafka', limit)
  const letters = letterTopic(deps)
  if (letters === null) return kept
  // Rows, not records: each may be large.
  const rows = [...kept.rows]
  const waiting = await readLetters(letters, await endsOf(letters), {
    groupId: `${letters.replayGroup}-list-${deps.now()}`,
    onRecords: async (records) => {
      for (const { headers } of records) rows.push(rowOfLetter('kafka', headers))
      return rows.length < limit
    },
  })
  return { total: kept.total + waiting, rows: rows.slice(0, limit) }
}

/** Sends all dead letters that are there now to their topic again, each under the id it had. */
export const replayDeadLetters = async (deps: HandleDeadLettersDeps): Promise<Replayed> => {
  const { broker, topic, rejected } = deps
  const letters = letterTopic(deps)
  // What this run sends may be refused again before it is done: that is for the next.
  const ends = letters === null ? null : await endsOf(letters)
  const producer = createClient(broker, SILENT).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    // Under a name that was mistyped nobody would read them, and their place would have passed them.
    allowAutoTopicCreation: false,
  })
  const send = (messages: readonly Message[]): Promise<readonly boolean[]> =>
    sendRecords(producer, topic, messages).catch((cause: unknown) => {
      throw hasErrorType(cause, NO_TOPIC) ? new Error(`the topic ${topic} is not there`, { cause }) : cause
    })
  await producer.connect()
  try {
    let { replayed, left } = await replayRejected({
      rejected,
      channel: 'kafka',
      send: (kept) => send(kept.map((one) => toMessage(one.key, one.body, replayHeaders(one)))),
    })
    if (letters === null || ends === null) return { replayed, left }
    await readLetters(letters, ends, {
      groupId: letters.replayGroup,
      onRecords: async (records) => {
        const messages = records.map(({ key, value, headers }) =>
          toMessage(key, value, resentHeaders(headers.filter(([name]) => !name.startsWith('__connect.errors.')))),
        )
        const sent = await send(messages)
        const unsent = records.filter((_, index) => sent[index] !== true)
        await sendToEnd(producer, letters.topic, unsent)
        replayed += records.length - unsent.length
        left += unsent.length
        return true
      },
    })
    return { replayed, left }
  } finally {
    await producer.disconnect()
  }
}

/** What its topic does not take goes behind what this run looks at: so the place can pass it, and the next run has it. */
const sendToEnd = async (producer: Producer, topic: string, records: readonly BrokerRecord[]): Promise<void> => {
  const messages = records.map(({ key, value, headers }) => toMessage(key, value, headers))
  if ((await sendRecords(producer, topic, messages)).includes(false))
    throw new Error(`a dead letter is too large for where it came from, and for ${topic}, too`)
}

const letterTopic = ({ broker, groupId, deadLetterTopic }: HandleDeadLettersDeps): LetterTopic | null =>
  deadLetterTopic === null ? null : { broker, topic: deadLetterTopic, replayGroup: `${groupId}-replay` }
