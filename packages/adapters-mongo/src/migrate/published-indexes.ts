import type { CreateIndexesOptions, IndexDescription } from 'mongodb'
import { MongoServerError } from 'mongodb'
import { PATIENT } from '../indexes.ts'
import { type MigrationDeps, NAMED } from './migration-deps.ts'

type Deps = Pick<MigrationDeps, 'collections' | 'db'>

/** The three of the migration guide, under the names that they get there. */
export const PUBLISHED: readonly IndexDescription[] = [
  { key: { clientKrn: 1, filename: 1, email: 1 }, name: 'clientKrn_1_filename_1_email_1', unique: true },
  { key: { clientKrn: 1, email: 1 }, name: 'clientKrn_1_email_1' },
  { key: { clientKrn: 1 }, name: 'clientKrn_1' },
]

const OLD_UNIQUE: IndexDescription = { key: { filename: 1, email: 1 }, name: 'filename_1_email_1', unique: true }
/** The two that the old version makes at each of its starts. */
export const OLD: readonly IndexDescription[] = [OLD_UNIQUE, { key: { email: 1 }, name: 'email_1' }]

/** What stands on `progress`, by kind; an index is known by its keys, as its name can be any. */
export interface IndexState {
  readonly published: readonly string[]
  readonly missing: readonly string[]
  readonly old: readonly string[]
  /** Pebbles' own, present. */
  readonly own: readonly string[]
}

interface Present {
  readonly name: string
  readonly key: Readonly<Record<string, unknown>>
  readonly unique?: boolean
}

export const readIndexes = async (deps: Deps): Promise<IndexState> => {
  const present = await list(deps.collections)
  const has = (wanted: IndexDescription) => present.some((index) => isSame(index, wanted))
  return {
    published: PUBLISHED.filter(has).map(nameOf),
    missing: PUBLISHED.filter((wanted) => !has(wanted)).map(nameOf),
    old: present.filter((index) => OLD.some((old) => sameKey(index, old))).map(({ name }) => name),
    own: present.filter(({ name }) => name.startsWith('pebbles_')).map(({ name }) => name),
  }
}

const nameOf = ({ name }: IndexDescription): string => name ?? ''
const sameKey = ({ key }: Present, wanted: IndexDescription): boolean =>
  JSON.stringify(key) === JSON.stringify(wanted.key)
/** One with the keys but not their uniqueness is not the one. */
const isSame = (index: Present, wanted: IndexDescription): boolean =>
  sameKey(index, wanted) && (index.unique === true || wanted.unique !== true)

/** Whether two clients cannot share a filename and an email yet. */
export const hasOldUnique = async (collections: Deps['collections']): Promise<boolean> =>
  (await list(collections)).some((index) => isSame(index, OLD_UNIQUE))

const list = async ({ progress }: Deps['collections']): Promise<readonly Present[]> => {
  try {
    return (await progress.listIndexes(NAMED).toArray()) as Present[]
  } catch (error) {
    if (isCode(error, NAMESPACE_NOT_FOUND)) return []
    throw error
  }
}

/** Makes those that are missing; rejects with a duplicate where documents are not as unique as they ask. */
export const makeIndexes = async (deps: Deps, wanted: readonly IndexDescription[]): Promise<readonly string[]> => {
  const present = await list(deps.collections)
  const missing = wanted.filter((index) => !present.some((other) => isSame(other, index)))
  // One with the same keys that is not unique would be in the way.
  for (const { name } of present.filter((other) => missing.some((index) => sameKey(other, index))))
    await drop(deps, name)
  if (missing.length > 0)
    await deps.collections.progress.createIndexes([...missing], { ...NAMED, ...PATIENT } as CreateIndexesOptions)
  return missing.map(nameOf)
}

/** Drops what has the keys of these, whatever its name. */
export const dropLike = async (deps: Deps, unwanted: readonly IndexDescription[]): Promise<readonly string[]> =>
  dropThose(deps, (index) => unwanted.some((other) => sameKey(index, other)))

export const dropOwn = (deps: Deps): Promise<readonly string[]> =>
  dropThose(deps, ({ name }) => name.startsWith('pebbles_'))

const dropThose = async (deps: Deps, is: (index: Present) => boolean): Promise<readonly string[]> => {
  const names = (await list(deps.collections)).filter(is).map(({ name }) => name)
  for (const name of names) await drop(deps, name)
  return names
}

const drop = async (deps: Deps, name: string): Promise<void> => {
  try {
    // The driver's own call leaves the comment out.
    await deps.db.command({ dropIndexes: 'progress', index: name, writeConcern: { w: 'majority' }, ...NAMED })
  } catch (error) {
    // Another that migrates was first.
    if (!isCode(error, INDEX_NOT_FOUND)) throw error
  }
}

const NAMESPACE_NOT_FOUND = 26
const INDEX_NOT_FOUND = 27
const isCode = (error: unknown, code: number): boolean => error instanceof MongoServerError && error.code === code
