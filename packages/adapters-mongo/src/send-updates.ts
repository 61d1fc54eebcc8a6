import { type Db, type Document, MongoServerError, MongoWriteConcernError } from 'mongodb'
import { BOUNDED, MAJORITY } from './collections.ts'
import { insist } from './insist.ts'
import { isAway } from './store-errors.ts'

/** One statement of an update command; it changes one document at most. */
export interface UpdateStatement {
  readonly q: Document
  readonly u: Document
  readonly upsert?: boolean
}

/** As few commands as fit: each waits for a majority of its own. */
const STATEMENTS_AT_ONCE = 1_000
/** Twice as often as elsewhere, where the driver tries each once more. */
const MOST_TRIES = 6

/**
 * Sends updates that change nothing when they come again, unordered, and insists on an answer: how many of them found
 * their document. The driver's bulk would make each statement retryable, which costs the server a further write for each,
 * an eighth of the whole. Rejects with what refused a statement, the weightiest first: an error other than a duplicate.
 */
export const sendUpdates = async (
  db: Db,
  collection: string,
  statements: readonly UpdateStatement[],
): Promise<number> => {
  let matched = 0
  for (let at = 0; at < statements.length; at += STATEMENTS_AT_ONCE) {
    const updates = statements.slice(at, at + STATEMENTS_AT_ONCE)
    matched += await insist(() => sendOnce(db, collection, updates), isAway, MOST_TRIES)
  }
  return matched
}

const sendOnce = async (db: Db, collection: string, updates: readonly UpdateStatement[]): Promise<number> => {
  const command = { update: collection, updates, ordered: false, writeConcern: MAJORITY, ...BOUNDED }
  const reply = (await db.command(command, { ignoreUndefined: true })) as Reply
  const { writeErrors = [], writeConcernError } = reply
  const worst = writeErrors.find(({ code }) => code !== DUPLICATE) ?? writeErrors[0]
  if (worst !== undefined) throw new MongoServerError(worst)
  if (writeConcernError !== undefined) throw new MongoWriteConcernError({ ...reply, writeConcernError })
  return reply.n
}

const DUPLICATE = 11_000

interface Reply {
  readonly ok: number
  readonly n: number
  readonly writeErrors?: readonly { readonly code: number; readonly errmsg: string }[]
  readonly writeConcernError?: { readonly code: number; readonly errmsg: string }
}
