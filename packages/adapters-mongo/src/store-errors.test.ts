import * as driver from 'mongodb'
import { describe, expect, it } from 'vitest'
import { isAway, isPassing } from './store-errors.ts'

/** Every error class of the driver, and whether it says that the store is away; a new one must be put in its place. */
const AWAY = [
  ...['MongoNetworkError', 'MongoNetworkTimeoutError', 'MongoPoolClearedError', 'MongoPoolClosedError'],
  ...['MongoPoolClearedOnNetworkError', 'MongoWaitQueueTimeoutError', 'MongoServerSelectionError', 'MongoSystemError'],
  ...['MongoNotConnectedError', 'MongoTopologyClosedError', 'MongoServerClosedError', 'MongoClientClosedError'],
  ...['MongoExpiredSessionError', 'MongoStalePrimaryError', 'MongoOperationTimeoutError'],
  ...['MongoUnexpectedServerResponseError', 'MongoWriteConcernError'],
]
/** A bug of ours, a wrong URI, or a part of the driver that is not used here. */
const NOT_AWAY = [
  ...['MongoError', 'MongoServerError', 'MongoDriverError', 'MongoAPIError', 'MongoRuntimeError', 'MongoParseError'],
  ...['MongoBatchReExecutionError', 'MongoDecompressionError', 'MongoTransactionError', 'MongoKerberosError'],
  ...['MongoAWSError', 'MongoOIDCError', 'MongoAzureError', 'MongoGCPError', 'MongoClientBulkWriteError'],
  ...['MongoClientBulkWriteCursorError', 'MongoClientBulkWriteExecutionError', 'MongoChangeStreamError'],
  ...['MongoTailableCursorError', 'MongoGridFSStreamError', 'MongoGridFSChunkError', 'MongoCursorInUseError'],
  ...['MongoCursorExhaustedError', 'MongoInvalidArgumentError', 'MongoCompatibilityError', 'MongoBulkWriteError'],
  ...[
    'MongoMissingCredentialsError',
    'MongoMissingDependencyError',
    'MongoCryptError',
    'MongoCryptKMSRequestNetworkTimeoutError',
  ],
  ...['MongoCryptInvalidArgumentError', 'MongoCryptAzureKMSRequestError', 'MongoCryptCreateDataKeyError'],
  ...['MongoCryptCreateEncryptedCollectionError'],
]

type ErrorClass = new (...args: never[]) => Error
const classes = Object.entries(driver).filter(
  (entry): entry is [string, ErrorClass & (typeof entry)[1]] =>
    typeof entry[1] === 'function' && entry[1].prototype instanceof Error,
)

describe('the errors of the driver', () => {
  it('are all judged', () => {
    expect(classes.map(([name]) => name).filter((name) => ![...AWAY, ...NOT_AWAY].includes(name))).toEqual([])
  })

  it.each(classes)('%s', (name, kind) => {
    const error = Object.create(kind.prototype, { errorLabelSet: { value: new Set() }, writeErrors: { value: [] } })
    expect(isAway(error)).toBe(AWAY.includes(name))
  })
})

it.each(['MongoWaitQueueTimeoutError', 'MongoPoolClosedError'])(
  '%s, which the driver does not export, is away',
  (name) => {
    const error = Object.create(driver.MongoDriverError.prototype, { name: { value: name } })
    expect(isAway(error)).toBe(true)
  },
)

describe('the errors of a server', () => {
  it.each([
    91, 189, 10107, 11600, 11602, 13435, 13436, 50, 64, 112, 14031, 13388, 237, 355, 365, 371, 402, 407, 412, 433, 449,
    450, 453, 462,
  ])('%i says that it is away', (code) => {
    expect(isAway(new driver.MongoServerError({ message: '', code }))).toBe(true)
  })

  it.each([11000, 2, 9, 121, 10334])('%i does not', (code) => {
    expect(isAway(new driver.MongoServerError({ message: '', code }))).toBe(false)
  })

  it.each(['RetryableWriteError', 'RetryableError', 'SystemOverloadedError'])(
    'with the label %s say so, whatever their code',
    (label) => {
      expect(isAway(new driver.MongoServerError({ message: '', code: 1, errorLabels: [label] }))).toBe(true)
    },
  )

  it('that end a bulk are found within it', () => {
    const bulk = Object.create(driver.MongoBulkWriteError.prototype, {
      errorLabelSet: { value: new Set() },
      writeErrors: { value: [] },
      errorResponse: { value: new driver.MongoNetworkError('reset') },
    })
    expect(isAway(bulk)).toBe(true)
  })
})

it('only some pass at once, whoever met them', () => {
  class PoolCleared extends driver.MongoNetworkError {
    override get name() {
      return 'MongoPoolClearedError'
    }
  }
  expect(isPassing(new PoolCleared('cleared'))).toBe(true)
  expect(isPassing(new driver.MongoServerError({ message: 'query plan killed', code: 175 }))).toBe(true)
  for (const error of [
    new driver.MongoNetworkError('lost'),
    new driver.MongoServerError({ message: 'stepped down', code: 189 }),
    new TypeError('a bug'),
  ])
    expect(isPassing(error)).toBe(false)
})
