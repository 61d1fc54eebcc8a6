import type { Socket } from 'node:net'
import { BSON } from 'mongodb'

type Document = Record<string, unknown>

/** https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
export const OP_MSG = 2013
const OP_REPLY = 1
const HEADER = 16
const REPLY_HEAD = 36
const CHECKSUM_FLAG = 1

export const opcodeOf = (message: Buffer): number => message.readInt32LE(12)
export const idOf = (message: Buffer): number => message.readInt32LE(4)
export const answersTo = (message: Buffer): number => message.readInt32LE(8)

/** Cuts a stream into wire messages and hands them on, one after the other. */
export const readMessages = (socket: Socket, handle: (message: Buffer) => Promise<void>): void => {
  let rest: Buffer = Buffer.alloc(0)
  let turn = Promise.resolve()
  socket.on('data', (data) => {
    rest = rest.length > 0 ? Buffer.concat([rest, data]) : data
    while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
      const message = rest.subarray(0, rest.readInt32LE(0))
      rest = rest.subarray(message.length)
      turn = turn.then(() => handle(message)).catch(() => void socket.destroy())
    }
  })
}

/** The command document of an OP_MSG: the section of kind 0, which may follow document sequences. */
export const commandOf = (
  message: Buffer,
): { readonly start: number; readonly end: number; readonly body: Document } => {
  let at = HEADER + 4
  while (message[at] !== 0) at += 1 + message.readInt32LE(at + 1)
  const start = at + 1
  const end = start + message.readInt32LE(start)
  // Values stay what they are in BSON, so that they can be written again without loss.
  return { start, end, body: BSON.deserialize(message.subarray(start, end), { promoteValues: false }) }
}

/** The same message with another command document; its checksum, now wrong, is left away. */
export const withCommand = (message: Buffer, command: Document): Buffer => {
  const { start, end } = commandOf(message)
  const flags = message.readInt32LE(HEADER)
  const last = message.length - ((flags & CHECKSUM_FLAG) === 0 ? 0 : 4)
  const changed = Buffer.concat([message.subarray(0, start), BSON.serialize(command), message.subarray(end, last)])
  changed.writeInt32LE(changed.length, 0)
  changed.writeInt32LE(flags & ~CHECKSUM_FLAG, HEADER)
  return changed
}

export const reply = (document: Document, to: number): Buffer => {
  const body = BSON.serialize(document)
  const head = Buffer.alloc(HEADER + 5)
  head.writeInt32LE(head.length + body.length, 0)
  head.writeInt32LE(1, 4)
  head.writeInt32LE(to, 8)
  head.writeInt32LE(OP_MSG, 12)
  return Buffer.concat([head, body])
}

/** An answer with its document changed, in the old form of an answer or in the new one. */
export const withAnswer = (message: Buffer, change: (document: Document) => Document): Buffer => {
  if (opcodeOf(message) !== OP_REPLY)
    return reply(change(BSON.deserialize(message.subarray(HEADER + 5))), answersTo(message))
  const document = BSON.serialize(change(BSON.deserialize(message.subarray(REPLY_HEAD))))
  const changed = Buffer.concat([message.subarray(0, REPLY_HEAD), document])
  changed.writeInt32LE(changed.length, 0)
  return changed
}
