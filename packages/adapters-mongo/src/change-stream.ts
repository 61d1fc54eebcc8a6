import { StoreUnavailable } from '@pebbles/core'
import {
  type ClientSession,
  type Db,
  type Document,
  type Long,
  type MongoClient,
  MongoServerError,
  type Timestamp,
} from 'mongodb'
import { FEED } from './across-clients.ts'
import type { Collections } from './collections.ts'
import { isAway } from './store-errors.ts'

/** One write that listeners have to hear of. */
export interface StreamedChange {
  /** A resume token, as its hexadecimal digits. */
  readonly token: string
  readonly collection: string
  readonly id: unknown
}

/** A place in the change stream of a replica set, that moves on as changes are taken. */
export interface ChangeStream {
  /** Of the last change taken; further on when nothing waits to be taken. */
  readonly token: () => string
  /** Waits up to `ms` for something to take; resolves with whether there is. 0: looks only. */
  readonly look: (ms: number) => Promise<boolean>
  readonly take: () => StreamedChange | undefined
  /** Who reads with it reads no earlier than what was taken, also at a primary that was elected since. */
  readonly session: ClientSession
  readonly close: () => void
}

/** To look through what happened since may take so long, else who listens is better off loading anew, ms. */
const CATCH_UP_MS = 5_000
const BATCH = 1_000
const TOO_SLOW = 50

export interface StreamDeps {
  readonly client: MongoClient
  readonly collections: Pick<Collections, 'progress' | 'former'>
}

/**
 * Opens the stream after a token, or at its end for null. Resolves with null when the server cannot go on from there.
 * By plain commands, as the driver's own stream cannot look without waiting.
 */
export const openChangeStream = async (deps: StreamDeps, after: string | null): Promise<ChangeStream | null> => {
  const db = deps.client.db()
  const session = deps.client.startSession()
  const run = async (command: Document): Promise<Reply> =>
    // A cursor's id has more digits than a number.
    (await db.command(command, { session, promoteLongs: false })) as Reply
  const end = async (): Promise<void> => void (await session.endSession().catch(() => undefined))
  let reply: Reply
  try {
    reply = await run({
      aggregate: 1,
      pipeline: pipelineAfter(deps.collections, after),
      cursor: { batchSize: BATCH },
      maxTimeMS: CATCH_UP_MS,
      comment: FEED,
    })
  } catch (error) {
    await end()
    if (error instanceof MongoServerError && (error.code === TOO_SLOW || !isAway(error))) return null
    throw error
  }
  const { id } = reply.cursor
  const close = (): void => {
    void killCursor(db, id).then(end)
  }
  // Closed at once: it ends, as the database was dropped since. What comes after that is of another stream.
  if (id.isZero()) {
    await end()
    return null
  }
  // A server that was set back to an earlier time would wait for that one to come again.
  if (after !== null && secondOf(after) > reply.operationTime.getHighBitsUnsigned()) {
    close()
    return null
  }

  const waiting: StreamedChange[] = []
  let at = after ?? reply.cursor.postBatchResumeToken._data
  const receive = ({ cursor }: Reply): void => {
    for (const { _id, ns, documentKey } of cursor.firstBatch ?? cursor.nextBatch ?? [])
      waiting.push({ token: _id._data, collection: ns.coll, id: documentKey._id })
    if (cursor.id.isZero()) throw new StoreUnavailable('the change stream ended')
    if (waiting.length === 0) at = cursor.postBatchResumeToken._data
  }
  receive(reply)
  return {
    token: () => at,
    look: async (ms) => {
      if (waiting.length === 0)
        receive(
          await run({
            getMore: id,
            collection: '$cmd.aggregate',
            batchSize: BATCH,
            maxTimeMS: Math.max(1, Math.floor(ms)),
          }),
        )
      return waiting.length > 0
    },
    take: () => {
      const change = waiting.shift()
      at = change?.token ?? at
      return change
    },
    session,
    close,
  }
}

interface Reply {
  readonly cursor: {
    readonly id: Long
    readonly firstBatch?: readonly RawChange[]
    readonly nextBatch?: readonly RawChange[]
    readonly postBatchResumeToken: Token
  }
  readonly operationTime: Timestamp
}
interface Token {
  readonly _data: string
}
interface RawChange {
  readonly _id: Token
  readonly ns: { readonly coll: string }
  readonly documentKey: { readonly _id: unknown }
}

/** What is no news for listeners, as a reservation, does not move `changedAt`. */
const pipelineAfter = (
  { progress, former }: Pick<Collections, 'progress' | 'former'>,
  token: string | null,
): Document[] => [
  { $changeStream: token === null ? {} : { resumeAfter: { _data: token } } },
  {
    $match: {
      'ns.coll': { $in: [progress.collectionName, former.collectionName] },
      operationType: { $in: ['insert', 'update', 'replace'] },
      $or: [
        { 'updateDescription.updatedFields.changedAt': { $exists: true } },
        { 'fullDocument.changedAt': { $exists: true } },
      ],
    },
  },
  { $project: { 'ns.coll': 1, 'documentKey._id': 1 } },
]

/** A token begins with the type of its first field, a timestamp, and the seconds of that. */
const secondOf = (token: string): number => Number.parseInt(token.slice(2, 10), 16)

const killCursor = (db: Db, id: Long): Promise<unknown> =>
  db.command({ killCursors: '$cmd.aggregate', cursors: [id] }).catch(() => undefined)
