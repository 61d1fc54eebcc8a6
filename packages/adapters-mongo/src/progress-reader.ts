import type { ClientKrn, FileName, FileState, ProgressReader } from '@pebbles/core'
import { ISSUE_KINDS, StoreUnavailable } from '@pebbles/core'
import type { Access } from './access.ts'
import { bringForward, type ForwardDeps } from './bring-forward.ts'
import { BOUNDED } from './collections.ts'
import type { ProgressDocument } from './documents.ts'
import { listFiles, pickFiles, scanFiles } from './list-files.ts'
import { isOfAnother, ofClient, ofNames } from './names.ts'
import { type OldFile, olderFirst, readOldFile } from './old-documents.ts'
import { createOldNames } from './old-names.ts'
import { readTables, tableKey } from './pattern-tables.ts'
import { readHistory } from './read-history.ts'
import { type ReadDeps, readIssues } from './read-issues.ts'
import { isLive, STATE_FIELDS, toState } from './snapshots.ts'
import type { StoreDeps } from './store-deps.ts'
import { listClients, sumFiles } from './sum-files.ts'

/** A reader that always comes upon a table that was just written gives up after so many. */
const TRIES = 8
/** For sums over all files of a client, or of all clients. */
const LONG_CALL_MS = 35_000

export const createProgressReader = (given: ForwardDeps & { readonly access: Access }): ProgressReader => {
  const { access } = given
  const deps = { ...given, oldNames: createOldNames() }
  const read = <T>(of: Parameters<typeof bringForward>[1], work: () => Promise<T>, withinMs?: number): Promise<T> =>
    access.call(async () => {
      await bringForward(deps, of)
      return work()
    }, withinMs)
  return {
    get: (client, filename) => read({ client, filename }, () => readFile(deps, client, filename)),
    list: (filter, limit, after) => read({ client: filter.client }, () => listFiles(deps, filter, limit, after)),
    scan: (filter, limit, after) => read({ client: filter.client }, () => scanFiles(deps, filter, limit, after)),
    pick: (filter, fileIds) => read({ client: filter.client }, () => pickFiles(deps, filter, fileIds)),
    sums: (client, stalledBefore) => read({ client }, () => sumFiles(deps, client, stalledBefore), LONG_CALL_MS),
    issues: (stream, kind, patterns, limit, after) =>
      access.call(() => readIssues(deps, stream, kind, patterns, limit, after)),
    history: (stream, limit, after) => access.call(() => readHistory(deps, stream, limit, after)),
    clients: () => read('all clients', () => listClients(deps), LONG_CALL_MS),
  }
}

type FileAndTables = NonNullable<Awaited<ReturnType<ProgressReader['get']>>>

const readFile = async (deps: ReadDeps, client: ClientKrn, filename: FileName): Promise<FileAndTables | null> => {
  const { clock } = deps
  for (let tries = 0; tries < TRIES; tries += 1) {
    // A hot file is written between two looks at once, again and again.
    if (tries > 0) await clock.sleep(2 ** tries * (0.5 + clock.random()))
    const document = await findVisible(deps, client, filename)
    if (document === null) return null
    if (!isLive(document)) {
      const old = await readOld(deps, document, client)
      if (old === null) continue
      deps.oldNames.remember(old.state)
      return { state: old.state, tables: old.tables }
    }
    // A roll back by hand takes the client from files of ours, too.
    const state = toState({ ...document, clientKrn: client })
    const tables = await tablesOf(deps, state)
    if (tables !== null) return { state, tables }
  }
  throw new StoreUnavailable('the file is written all the time')
}

/** The document that is the file, as a reader may see it: a reservation is nothing yet. */
const findVisible = async (
  deps: StoreDeps,
  client: ClientKrn,
  filename: FileName,
): Promise<ProgressDocument | null> => {
  const found = await deps.collections.progress
    .find<ProgressDocument>(
      ofNames([{ client, filename }], (of) => ofClient(deps, of), { parking: { $ne: true } }),
      { ...BOUNDED, projection: STATE_FIELDS },
    )
    .toArray()
  const documents = found.filter((one) => !isOfAnother(deps, one))
  const document = documents.find(({ fileId }) => fileId !== undefined) ?? documents.sort(olderFirst)[0]
  if (document === undefined) return null
  return document.fileId !== undefined && !isLive(document) && document.adopting !== true ? null : document
}

/** Null when it was adopted between the two looks. */
const readOld = async (deps: StoreDeps, seen: ProgressDocument, client: ClientKrn): Promise<OldFile | null> => {
  const whole = await deps.collections.progress.findOne(
    { clientKrn: ofClient(deps, client), filename: seen.filename, _id: seen._id },
    BOUNDED,
  )
  return whole === null || isLive(whole) ? null : readOldFile(whole, client, deps.clock)
}

const tablesOf = async ({ collections }: StoreDeps, state: FileState): Promise<FileAndTables['tables'] | null> => {
  const tables = await readTables(
    collections,
    ISSUE_KINDS.map((kind) => ({ state, kind })),
  )
  const error = tables.get(tableKey(state.fileId, 'error')) ?? 'ahead'
  const warning = tables.get(tableKey(state.fileId, 'warning')) ?? 'ahead'
  return error === 'ahead' || warning === 'ahead' ? null : { error: error.rows, warning: warning.rows }
}
