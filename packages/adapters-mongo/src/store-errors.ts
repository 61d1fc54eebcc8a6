import { isStoreUnavailable, StoreUnavailable } from '@pebbles/core'
import {
  MongoBulkWriteError,
  MongoClientClosedError,
  MongoDriverError,
  MongoExpiredSessionError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerClosedError,
  MongoServerError,
  MongoStalePrimaryError,
  MongoSystemError,
  MongoTopologyClosedError,
  MongoUnexpectedServerResponseError,
  MongoWriteConcernError,
} from 'mongodb'

/**
 * Why a database must not be used as it is configured; a process that meets one ends with exit code 78.
 *
 * `URI_INVALID` the URI cannot be read · `URI_UNACKNOWLEDGED` it asks for writes without an answer ·
 * `SHARD_ADDRESSED_DIRECTLY` it leads to a shard, past the router · `NOT_MIGRATED` documents without a client on a
 * sharded cluster · `LEGACY_CLIENT_CHANGED` old documents were adopted for another client before · `ROLLED_BACK` it was
 * handed to the old version by `pebbles migrate down` · `SHARDED` that cannot be done on a sharded cluster.
 */
export type MongoSetupCode =
  | 'URI_INVALID'
  | 'URI_UNACKNOWLEDGED'
  | 'SHARD_ADDRESSED_DIRECTLY'
  | 'NOT_MIGRATED'
  | 'LEGACY_CLIENT_CHANGED'
  | 'ROLLED_BACK'
  | 'SHARDED'

/** A database that must not be used as it is configured; `code` says why, the message says what to do. */
export class MongoSetupError extends Error {
  readonly code: MongoSetupCode
  constructor(code: MongoSetupCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** What a process is told that would take old documents for another client than was done before. */
export const otherLegacyClient = (configured: string, known: string): string =>
  `LEGACY_CLIENT_KRN is ${configured}, but old documents were adopted for ${known} before.`

/** Errors of the driver that say: no server to talk to, or no answer from it. */
const AWAY = [
  MongoNetworkError,
  MongoSystemError,
  MongoNotConnectedError,
  MongoTopologyClosedError,
  MongoServerClosedError,
  MongoClientClosedError,
  MongoExpiredSessionError,
  MongoStalePrimaryError,
  MongoOperationTimeoutError,
  MongoUnexpectedServerResponseError,
  // Applied on the primary, and nobody knows whether it stays: as good as no answer.
  MongoWriteConcernError,
]
/** Of the driver's connection pool, whose classes it keeps to itself. */
const AWAY_NAMES = new Set(['MongoWaitQueueTimeoutError', 'MongoPoolClosedError'])

/** A statement whose index was dropped under it, as `migrate up` does; the next is planned anew. */
const PLAN_KILLED = 175
/**
 * Codes of servers that cannot serve now: going down, not primary, out of time, out of space, overloaded, or told to take
 * no writes; locks, conflicts and interruptions that pass, routing that is being learned anew, and access that was taken
 * away.
 * https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
 */
const AWAY_CODES = new Set([
  PLAN_KILLED,
  ...[6, 7, 89, 91, 189, 262, 9001, 10058, 10107, 11600, 11601, 11602, 13435, 13436],
  ...[24, 46, 50, 64, 79, 100, 112, 117, 134, 202, 246, 290, 314, 384],
  ...[43, 63, 70, 133, 150, 165, 234, 13388],
  ...[237, 355, 365, 371, 402, 407, 412, 433, 449, 450, 453, 462],
  ...[13, 18, 391, 8000, 14031],
])
/** Of servers that say so themselves, whatever their code. */
const AWAY_LABELS = ['RetryableWriteError', 'RetryableError', 'SystemOverloadedError']

/** The store is not there, or may be there but has not said what became of the call. */
export const isAway = (error: unknown): boolean => {
  if (error instanceof MongoBulkWriteError) return isBulkAway(error)
  if (AWAY.some((kind) => error instanceof kind)) return true
  if (error instanceof MongoDriverError && AWAY_NAMES.has(error.name)) return true
  if (error instanceof DOMException) return error.name === 'AbortError' || error.name === 'TimeoutError'
  if (!(error instanceof MongoServerError)) return false
  return AWAY_CODES.has(Number(error.code)) || AWAY_LABELS.some((label) => error.hasErrorLabel(label))
}

/** A bulk wraps whatever ended it, and besides has errors of single documents, and of the write concern, of its own. */
const isBulkAway = (error: MongoBulkWriteError): boolean => {
  const cause: unknown = error.errorResponse
  if (cause instanceof Error) return isAway(cause)
  if (error.result?.getWriteConcernError() !== undefined) return true
  return [error.code, ...[error.writeErrors].flat().map(({ code }) => code)].some((code) =>
    AWAY_CODES.has(Number(code)),
  )
}

/**
 * Not the trouble of whoever met it, and over at once: a plan was killed with its index, or a connection was waited for
 * in a pool that was emptied when another one was lost.
 */
export const isPassing = (error: unknown): boolean =>
  error instanceof MongoServerError
    ? Number(error.code) === PLAN_KILLED
    : error instanceof MongoNetworkError && error.name === 'MongoPoolClearedError'

/** Access control, the proxy of a hosted MongoDB, and a server that does not know the question. */
const NOT_TO_BE_ASKED = new Set([13, 59, 8000])
export const mayNotBeAsked = (error: unknown): boolean =>
  error instanceof MongoServerError && NOT_TO_BE_ASKED.has(Number(error.code))

export const DUPLICATE = 11_000
export const isDuplicate = (error: unknown): boolean =>
  error instanceof MongoServerError && Number(error.code) === DUPLICATE

/** The documents of a bulk that a unique index refused, with what it said; null when anything else went wrong. */
export const duplicatesOf = (error: unknown): ReadonlyMap<number, string> | null => {
  if (!(error instanceof MongoBulkWriteError) || isAway(error)) return null
  const errors = [error.writeErrors].flat()
  if (errors.length === 0 || errors.some(({ code }) => code !== DUPLICATE)) return null
  return new Map(errors.map(({ index, errmsg }) => [index, errmsg ?? '']))
}

/** What failed, as the store's callers know it: a bug stays what it is, all else is the store being away. */
export const asUnavailable = (error: unknown): unknown => {
  if (isStoreUnavailable(error) || !isAway(error)) return error
  return new StoreUnavailable(`MongoDB does not serve: ${(error as Error).message}`, { cause: error })
}
