import { type Db, type Document, MongoServerError, MongoWriteConcernError } from 'mongodb'
import { BOUNDED, MAJORITY } from './collections.ts'
import { insist } from './insist.ts'
import { DUPLICATE, isAway } from './store-errors.ts'

/*
 * Plain commands, unordered. The driver's bulk would measure each document before it writes it, and make each statement
 * retryable, which costs the server a further write for each update, an eighth of the whole.
 */

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
 * Sends updates that change nothing when they come again, and insists on an answer: how many found their document.
 * Rejects with what refused a statement, the weightiest first: an error other than a duplicate.
 */
export const sendUpdates = async (
  db: Db,
  collection: string,
  statements: readonly UpdateStatement[],
): Promise<number> => {
  let matched = 0
  for (let at = 0; at < statements.length; at += STATEMENTS_AT_ONCE) {
    const updates = statements.slice(at, at + STATEMENTS_AT_ONCE)
    const { n, writeErrors } = await insist(() => send(db, { update: collection, updates }), isAway, MOST_TRIES)
    if (writeErrors?.[0] !== undefined) throw new MongoServerError(writeErrors[0])
    matched += n
  }
  return matched
}

/**
 * Inserts documents, once: which of them a unique index refused. Rejects with any other error; when it has no answer, it
 * is for the caller to find out what became of them.
 */
export const sendInserts = async (
  db: Db,
  collection: string,
  documents: readonly Document[],
): Promise<ReadonlySet<number>> => {
  const { writeErrors = [] } = await send(db, { insert: collection, documents })
  return new Set(writeErrors.map(({ index }) => index))
}

/** Of the errors of single statements only duplicates come back. */
const send = async (db: Db, command: Document): Promise<Reply> => {
  const whole = { ...command, ordered: false, writeConcern: MAJORITY, ...BOUNDED }
  const reply = (await db.command(whole, { ignoreUndefined: true })) as Reply
  const { writeErrors = [], writeConcernError } = reply
  const worst = writeErrors.find(({ code }) => code !== DUPLICATE)
  if (worst !== undefined) throw new MongoServerError(worst)
  if (writeConcernError !== undefined) throw new MongoWriteConcernError({ ...reply, writeConcernError })
  return reply
}

interface Reply {
  readonly ok: number
  readonly n: number
  readonly writeErrors?: readonly { readonly index: number; readonly code: number; readonly errmsg: string }[]
  readonly writeConcernError?: { readonly code: number; readonly errmsg: string }
}
