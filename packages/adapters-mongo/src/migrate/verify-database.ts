import { listFirst } from './list-first.ts'
import { listOwnedTwice } from './make-plan.ts'
import { type MigrationDeps, NAMED } from './migration-deps.ts'
import { readIndexes } from './published-indexes.ts'
import { writtenOutside } from './written-outside.ts'

/**
 * `WITHOUT_CLIENT` documents without clientKrn · `NOT_GIVEN_BACK` documents that `down` handed to the old version ·
 * `INDEX_MISSING` · `OLD_INDEX` an index of the old version stands, or stands again · `OWNED_TWICE` several documents for
 * one file of a client · `CLIENT_CHANGED` a clientKrn that was changed in the database · `WRITTEN_OUTSIDE` a document that
 * says something else than its journal · `HALF_PARKED` documents that are on their way to `progress_parked`.
 */
export type FaultCode =
  | 'WITHOUT_CLIENT'
  | 'NOT_GIVEN_BACK'
  | 'INDEX_MISSING'
  | 'OLD_INDEX'
  | 'OWNED_TWICE'
  | 'CLIENT_CHANGED'
  | 'WRITTEN_OUTSIDE'
  | 'HALF_PARKED'

export interface Fault {
  readonly code: FaultCode
  /** How many there are in all; `items` names the first 1,000. */
  readonly count: number
  readonly items: readonly string[]
}

/** `quick` leaves out what has to compare all documents with each other, or with their journals. */
export interface VerifyOptions {
  readonly quick?: boolean
}

/** What is wrong with a migrated database; nothing means that the old version's traces are gone. Reads only. */
export const verifyDatabase = async (
  deps: MigrationDeps,
  { quick = false }: VerifyOptions = {},
): Promise<readonly Fault[]> => {
  const indexes = await readIndexes(deps)
  const twice = quick ? NONE_TWICE : await listOwnedTwice(deps)
  const faults: Fault[] = [
    await find(deps, 'WITHOUT_CLIENT', { clientKrn: null, down: { $exists: false } }),
    await find(deps, 'NOT_GIVEN_BACK', { down: { $exists: true } }),
    { code: 'INDEX_MISSING', count: indexes.missing.length, items: indexes.missing },
    { code: 'OLD_INDEX', count: indexes.old.length, items: indexes.old },
    {
      code: 'OWNED_TWICE',
      count: twice.count,
      items: twice.files.map(
        ({ clientKrn, filename, file, others }) =>
          `${clientKrn} ${filename}: ${file.email} is its owner, not ${others.map(({ email }) => email).join(', ')}`,
      ),
    },
    // A document remembers whose it was first; `clients move` writes it anew.
    await find(deps, 'CLIENT_CHANGED', { clientKrn: { $ne: null }, $expr: CHANGED }),
    ...(quick ? [] : [await findWrittenOutside(deps)]),
    await find(deps, 'HALF_PARKED', { parking: true }),
  ]
  return faults.filter(({ count }) => count > 0)
}

const NONE_TWICE = { count: 0, files: [] } as const

const CHANGED = { $and: [{ $gt: ['$homeClient', null] }, { $ne: ['$homeClient', '$clientKrn'] }] }

interface Row {
  readonly _id: unknown
  readonly clientKrn?: string
  readonly homeClient?: string
  readonly filename: string
}

const find = async ({ collections }: MigrationDeps, code: FaultCode, filter: object): Promise<Fault> => {
  const rows = collections.progress.find<Row>(filter, {
    ...NAMED,
    projection: { clientKrn: 1, homeClient: 1, filename: 1 },
  })
  return { code, ...(await listFirst(rows, (row) => describe(row, code === 'CLIENT_CHANGED'))) }
}

const describe = ({ _id, clientKrn, homeClient, filename }: Row, was: boolean): string =>
  `${clientKrn ?? 'no client'} ${filename} (${String(_id)})${was ? `: it was ${homeClient}` : ''}`

/** Names what differs, and what the journal says instead: that is the cure. */
const findWrittenOutside = async (deps: MigrationDeps): Promise<Fault> => ({
  code: 'WRITTEN_OUTSIDE',
  ...(await listFirst(
    writtenOutside(deps),
    ({ document, differences }) => `${describe(document, false)}: ${differences.join(', ')}`,
  )),
})
