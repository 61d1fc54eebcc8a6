import type { MongoInspection } from '../open-store.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** What the database user may do, and which options of MONGO_URI are not what they seem. */
export const describeInspection = (found: MongoInspection): readonly Finding[] => {
  const { user, missing, missingToMigrate, seesShards, overridden, slow, direct } = found
  const options = [
    ...(overridden.length === 0
      ? []
      : [
          warn(
            'MONGO_URI',
            `has no effect: ${list(overridden)}`,
            'Leave it out: Pebbles writes and reads with majority',
          ),
        ]),
    ...(slow.length === 0
      ? []
      : [
          warn(
            'MONGO_URI',
            `notices a server that stopped late: ${list(slow)}`,
            'Leave it out, unless your network needs it: what Pebbles sets is shorter',
          ),
        ]),
    ...(direct
      ? [
          warn(
            'MONGO_URI',
            'names one member of a replica set: nothing is written while another is primary',
            'Name all members, and replicaSet= instead of directConnection=true',
          ),
        ]
      : []),
  ]
  return [roles(user, missing, missingToMigrate), ...(seesShards ? [] : [BLIND]), ...options]
}

const roles = (user: string | null, missing: readonly string[], missingToMigrate: readonly string[]): Finding => {
  if (user === null) return warn('database user', 'none: whoever reaches the server can change all', GIVE_USER)
  const name = escapeText(user)
  if (missing.length > 0) return fail('database user', `${name} may not ${list(missing)}`, GIVE_ROLE)
  return missingToMigrate.length === 0
    ? ok('database user', `${name} may serve and migrate`)
    : ok('database user', `${name} may serve; to migrate it lacks ${list(missingToMigrate)}`)
}

/** The role readWrite is enough for all else. */
const BLIND = warn(
  'database user',
  'may not ask whether the server is a shard: a MONGO_URI that leads past the mongos could not be refused',
  'Give it shardingState on the cluster, as the role of docs/guides/scale.md has it',
)
const GIVE_USER = 'Turn on access control, and give Pebbles a user of its own: docs/guides/scale.md'
const GIVE_ROLE = 'Give it the role readWrite on this database, or the lesser one of docs/guides/scale.md'

const SHOWN = 4
const list = (items: readonly string[]): string =>
  items.length <= SHOWN
    ? items.map(escapeText).join(', ')
    : `${items.slice(0, SHOWN).map(escapeText).join(', ')} and ${items.length - SHOWN} more`
