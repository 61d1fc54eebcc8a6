import { type Db, type Document, MongoServerError, MongoWriteConcernError } from 'mongodb'
import { BOUNDED, MAJORITY } from './collections.ts'
import { cutRuns } from './cut-runs.ts'
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

/** As few commands as fit, as each waits for a majority of its own; one is a document, of 16 MiB at most. */
const COMMAND = { items: 1_000, weight: 15 * 1024 * 1024 } as const
/** Twice as often as elsewhere, where the driver tries each once more. */
const MOST_TRIES = 6

/**
 * Sends updates that change nothing when they come again, and insists on an answer: how many found their document.
 * Rejects with what refused a statement: at once with an error, and with a duplicate when all the others were sent.
 */
export const sendUpdates = async (
  db: Db,
  collection: string,
  statements: readonly UpdateStatement[],
): Promise<number> => {
  let matched = 0
  const duplicates: NonNullable<Reply['writeErrors']>[number][] = []
  for (const [from, to] of cutRuns(statements, mostBytes, COMMAND)) {
    const updates = statements.slice(from, to)
    const { n, writeErrors = [] } = await insist(() => send(db, { update: collection, updates }), isAway, MOST_TRIES)
    duplicates.push(...writeErrors)
    matched += n
  }
  if (duplicates[0] !== undefined) throw new MongoServerError(duplicates[0])
  return matched
}

/**
 * Inserts documents, once: which of them a unique index refused. Rejects with any other error; when it has no answer, it
 * is for the caller to find out what became of all of them.
 */
export const sendInserts = async (
  db: Db,
  collection: string,
  documents: readonly Document[],
): Promise<ReadonlySet<number>> => {
  const refused = new Set<number>()
  for (const [from, to] of cutRuns(documents, mostBytes, COMMAND)) {
    const { writeErrors = [] } = await send(db, { insert: collection, documents: documents.slice(from, to) })
    for (const { index } of writeErrors) refused.add(from + index)
  }
  return refused
}

/** Never less than a value takes; to measure it exactly costs as much as to write it. */
const mostBytes = (value: unknown): number => {
  if (typeof value === 'string') return 16 + 3 * value.length
  if (typeof value !== 'object' || value === null) return 16
  let bytes = 16
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) bytes += 8 + mostBytes(value[index])
    return bytes
  }
  for (const name in value) bytes += 3 * name.length + mostBytes((value as Document)[name])
  return bytes
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
