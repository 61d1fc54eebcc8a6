import { MongoClient, ReadPreference } from 'mongodb'
import { openCollections } from './collections.ts'
import { TIMEOUTS } from './connect.ts'
import { asUnavailable } from './store-errors.ts'

/** What an operator should know of a `MONGO_URI` before processes start with it. */
export interface MongoInspection {
  /** Null when the server was told no user: it lets everybody in, or the store will not open. */
  readonly user: string | null
  /** Actions that the user's roles lack for serving, each with where: `insert on pebbles.journal`. */
  readonly missing: readonly string[]
  /** The same for `pebbles migrate`, beyond what serving takes. */
  readonly missingToMigrate: readonly string[]
  /** Whether a start would see that the URI leads to a shard, past its mongos, and refuse. */
  readonly seesShards: boolean
  /** Options of the URI that Pebbles sets otherwise, so that an answer means what it promises. */
  readonly overridden: readonly string[]
  /** Timeouts of the URI that are longer than its own: a server that stopped is noticed later. */
  readonly slow: readonly string[]
  /** One member of a replica set is addressed: when another becomes the primary, nothing is written. */
  readonly direct: boolean
}

const OVERRIDDEN = ['w', 'wTimeoutMS', 'journal', 'readConcernLevel', 'readPreference', 'maxStalenessSeconds']
const SERVING = ['find', 'insert', 'update', 'remove', 'createIndex']
/** Of `progress`: `doctor` and `clients move` look whether the old version's unique index stands. */
const LOOKING = ['listIndexes']
const MIGRATING = ['dropIndex']
const SETTING_ASIDE = ['find', 'insert', 'remove']

/**
 * Asks the server who this is and what it may do, and changes nothing. Rejects with `StoreUnavailable` when no server
 * is there or the password is wrong.
 */
export const inspectMongo = async (uri: string): Promise<MongoInspection> => {
  const given = new URLSearchParams(uri.split('?')[1] ?? '')
  const optionOf = (name: string): string | undefined =>
    [...given].find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]
  const slow = Object.entries(TIMEOUTS).flatMap(([name, ours]) => {
    const theirs = name.endsWith('MS') ? optionOf(name) : undefined
    // 0 is for ever.
    return theirs !== undefined && (Number(theirs) === 0 || Number(theirs) > ours) ? [`${name}=${theirs}`] : []
  })
  try {
    await using client = new MongoClient(uri, {
      serverSelectionTimeoutMS: TIMEOUTS.serverSelectionTimeoutMS,
      readPreference: ReadPreference.primary,
    })
    const db = client.db()
    const hello = await db.command({ hello: 1 })
    const { authInfo } = (await db.command({ connectionStatus: 1, showPrivileges: true })) as Status
    const user = authInfo.authenticatedUsers[0]
    const { db: _, ...collections } = openCollections(db)
    const names = Object.values(collections).map(({ collectionName }) => collectionName)
    const missing = (actions: readonly string[], collections: readonly string[]): readonly string[] =>
      user === undefined
        ? []
        : collections.flatMap((collection) =>
            actions
              .filter(
                (action) => !authInfo.authenticatedUserPrivileges.some(covers(action, db.databaseName, collection)),
              )
              .map((action) => `${action} on ${db.databaseName}${collection === '' ? '' : `.${collection}`}`),
          )
    const isRouter = hello['msg'] === 'isdbgrid'
    const isReplicaSet = hello['setName'] !== undefined && !isRouter
    return {
      user: user === undefined ? null : `${user.user}@${user.db}`,
      // The stream is of the whole database, which a role for single collections does not cover.
      missing: [
        ...missing(SERVING, names),
        ...missing(LOOKING, ['progress']),
        ...(isReplicaSet ? missing(['find', 'changeStream'], ['']) : []),
      ],
      missingToMigrate: [...missing(MIGRATING, ['progress']), ...missing(SETTING_ASIDE, ['progress_parked'])],
      seesShards: user === undefined || isRouter || authInfo.authenticatedUserPrivileges.some(mayAskForShards),
      overridden: OVERRIDDEN.filter((name) => optionOf(name) !== undefined),
      slow,
      direct: isReplicaSet && optionOf('directConnection') === 'true',
    }
  } catch (error) {
    throw asUnavailable(error)
  }
}

interface Status {
  readonly authInfo: {
    readonly authenticatedUsers: readonly { readonly user: string; readonly db: string }[]
    readonly authenticatedUserPrivileges: readonly Privilege[]
  }
}
interface Privilege {
  readonly resource: {
    readonly db?: string
    readonly collection?: string
    readonly cluster?: boolean
    readonly anyResource?: boolean
  }
  readonly actions: readonly string[]
}

const mayAskForShards = ({ resource, actions }: Privilege): boolean =>
  actions.includes('shardingState') && (resource.cluster === true || resource.anyResource === true)

/** An empty name in a role stands for every database, or every collection. */
const covers =
  (action: string, database: string, collection: string) =>
  ({ resource, actions }: Privilege): boolean =>
    actions.includes(action) &&
    (resource.anyResource === true ||
      ((resource.db === '' || resource.db === database) &&
        (resource.collection === '' || (collection !== '' && resource.collection === collection))))
