import { expect, it } from 'vitest'
import type { MongoInspection } from '../open-store.ts'
import { describeInspection } from './check-mongo.ts'

const FINE: MongoInspection = {
  ...{
    user: 'pebbles@admin',
    missing: [],
    missingToMigrate: [],
    seesShards: true,
    overridden: [],
    slow: [],
    direct: false,
  },
}
const statuses = (found: Partial<MongoInspection>): readonly string[] =>
  describeInspection({ ...FINE, ...found }).map(({ check, status, message }) => `${status} ${check}: ${message}`)

it.each<[Partial<MongoInspection>, readonly string[]]>([
  [{}, ['ok database user: pebbles@admin may serve and migrate']],
  [
    { missingToMigrate: ['dropIndex on pebbles.progress'] },
    ['ok database user: pebbles@admin may serve; to migrate it lacks dropIndex on pebbles.progress'],
  ],
  [
    { seesShards: false },
    [
      'ok database user: pebbles@admin may serve and migrate',
      'warn database user: may not ask whether the server is a shard: a MONGO_URI that leads past the mongos could not be refused',
    ],
  ],
  [{ missing: ['insert on a.b'] }, ['fail database user: pebbles@admin may not insert on a.b']],
  [{ missing: ['a', 'b', 'c', 'd', 'e', 'f'] }, ['fail database user: pebbles@admin may not a, b, c, d and 2 more']],
])('tells what a database user may do', (found, expected) => {
  expect(statuses(found)).toEqual(expected)
})

it('warns of a server without users, and of each kind of option', () => {
  expect(
    statuses({ user: null, overridden: ['w', 'readPreference'], slow: ['connectTimeoutMS=30000'], direct: true }),
  ).toEqual([
    'warn database user: none: whoever reaches the server can change all',
    'warn MONGO_URI: has no effect: w, readPreference',
    'warn MONGO_URI: notices a server that stopped late: connectTimeoutMS=30000',
    'warn MONGO_URI: names one member of a replica set: nothing is written while another is primary',
  ])
})
