import type { DatabaseSync } from 'node:sqlite'
import { type KeptMessage, type RejectedMessage, type RejectedMessages, rejectedBytes } from '@pebbles/core'
import type { Access } from './access.ts'
import { prepareQuery, type Row } from './query.ts'

export interface RejectedMessagesDeps {
  readonly db: DatabaseSync
  readonly access: Access
}

export const createRejectedMessages = ({ db, access }: RejectedMessagesDeps): RejectedMessages => {
  const total = prepareQuery(db, 'SELECT messages, bytes FROM rejected_size WHERE id = 1')
  const resize = db.prepare('UPDATE rejected_size SET messages = messages + ?, bytes = bytes + ? WHERE id = 1')
  const totalOf = prepareQuery(db, 'SELECT count(*), coalesce(sum(bytes), 0) FROM rejected WHERE channel = ?')
  const newest = prepareQuery(db, 'SELECT coalesce(max(no), 0) FROM rejected')
  const newestOf = prepareQuery(db, 'SELECT coalesce(max(no), 0) FROM rejected WHERE channel = ?')
  const bytesAt = prepareQuery(db, 'SELECT bytes FROM rejected WHERE origin = ?')
  const bytesOf = prepareQuery(db, 'SELECT bytes FROM rejected WHERE no = ?')
  const removeAt = db.prepare('DELETE FROM rejected WHERE origin = ?')
  const remove = db.prepare('DELETE FROM rejected WHERE no = ?')
  const insert = db.prepare(
    'INSERT INTO rejected (origin, channel, update_id, code, reason, at, sent_at, attempts, body, key, headers, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const columns = 'no, origin, channel, update_id, code, reason, at, sent_at, attempts, body, key, headers'
  const page = prepareQuery(db, `SELECT ${columns} FROM rejected WHERE no > ? ORDER BY no LIMIT ?`)
  const pageOf = prepareQuery(db, `SELECT ${columns} FROM rejected WHERE channel = ? AND no > ? ORDER BY no LIMIT ?`)

  const add = (message: RejectedMessage, bytes: number): void => {
    const { origin, channel, updateId, code, reason, at, sentAt, attempts, body, key, headers } = message
    const packed = JSON.stringify(headers.map(([name, value]) => [name, Buffer.from(value).toString('base64')]))
    insert.run(origin, channel, updateId, code, reason, at, sentAt, attempts, body, key, packed, bytes)
  }

  const keep = (given: readonly RejectedMessage[], maxBytes: number): 'kept' | 'full' => {
    const before = given.map(({ origin }) => bytesAt.get(origin)?.[0] as number | undefined)
    const removed = before.filter((bytes) => bytes !== undefined)
    const sizes = given.map(rejectedBytes)
    const change = sum(sizes) - sum(removed)
    const [, bytes] = total.get() as Row
    if ((bytes as number) + change > maxBytes) return 'full'
    for (const [index, message] of given.entries()) {
      removeAt.run(message.origin)
      add(message, sizes[index] ?? 0)
    }
    resize.run(given.length - removed.length, change)
    return 'kept'
  }

  return {
    keep: async (messages, maxBytes) => {
      if (messages.length === 0) return 'kept'
      const given = [...new Map(messages.map((message) => [message.origin, message])).values()]
      return access.write(() => keep(given, maxBytes))
    },
    list: (limit, after, channel) =>
      access.read(() =>
        (channel === undefined ? page.all(after, limit) : pageOf.all(channel, after, limit)).map(toMessage),
      ),
    drop: async (nos) => {
      if (nos.length === 0) return
      await access.write(() => {
        for (const no of nos) {
          const bytes = bytesOf.get(no)?.[0] as number | undefined
          if (bytes === undefined) continue
          remove.run(no)
          resize.run(-1, -bytes)
        }
      })
    },
    last: (channel) =>
      access.read(() => ((channel === undefined ? newest.get() : newestOf.get(channel)) as Row)[0] as number),
    size: (channel) =>
      access.read(() => {
        const [messages, bytes] = (channel === undefined ? total.get() : totalOf.get(channel)) as Row
        return { messages: messages as number, bytes: bytes as number }
      }),
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

const toMessage = (row: Row): KeptMessage => {
  const [no, origin, channel, updateId, code, reason, at, sentAt, attempts, body, key, headers] = row
  return {
    no: no as number,
    origin: origin as string,
    channel: channel as KeptMessage['channel'],
    updateId: updateId as KeptMessage['updateId'],
    code: code as string,
    reason: reason as string,
    at: at as number,
    sentAt: sentAt as number,
    attempts: attempts as number,
    body: body as Uint8Array | null,
    key: key as Uint8Array | null,
    headers: (JSON.parse(headers as string) as [string, string][]).map(([name, value]) => [
      name,
      Uint8Array.from(Buffer.from(value, 'base64')),
    ]),
  }
}
