import type { Email, FileState, OpenRequest, RecentStates } from '@pebbles/core'
import { fileKey, StoreUnavailable } from '@pebbles/core'
import { beginAdoption, finishAdoption, giveClient } from './adopt-file.ts'
import { finishClosing } from './close-lives.ts'
import { BOUNDED, type Collections, isRolledBack, UNORDERED } from './collections.ts'
import type { ProgressDocument, Reservation } from './documents.ts'
import { isOfAnother, ofClient, ofNames, partsOfNames } from './names.ts'
import { olderFirst } from './old-documents.ts'
import type { Reservations } from './reservations.ts'
import { type OwnDocument, rollForward } from './roll-forward.ts'
import { isLive, removeDocument, reservationOf, STATE_FIELDS, toState } from './snapshots.ts'
import type { StoreDeps } from './store-deps.ts'
import { duplicatesOf, isAway } from './store-errors.ts'

/** A request on its way to its answer; `fresh` ones look at the journal, and not only at the document. */
export interface Asking {
  readonly index: number
  readonly request: OpenRequest
  readonly fresh: boolean
}

/** Where a request has got to within a round. */
export type Found =
  | { readonly kind: 'live'; readonly asking: Asking; readonly state: FileState; readonly seen: 'now' | 'recently' }
  | { readonly kind: 'reserved'; readonly asking: Asking; readonly document: Reservation }
  | { readonly kind: 'none'; readonly asking: Asking }
  | { readonly kind: 'old index'; readonly asking: Asking }

export type OpenDeps = StoreDeps & { readonly reservations: Reservations; readonly recent: RecentStates }

interface Loaded {
  readonly found: readonly Found[]
  readonly again: readonly Asking[]
}

/** Finds each file, or takes its name, as far as one round goes. */
export const loadFiles = async (deps: OpenDeps, asked: readonly Asking[]): Promise<Loaded> => {
  const { collections, recent } = deps
  const found: Found[] = []
  const again: Asking[] = []
  const unseen: Asking[] = []
  for (const asking of asked) {
    const state = recent.take(asking.request)
    if (state === undefined || asking.fresh) unseen.push(asking)
    else found.push({ kind: 'live', asking, state, seen: 'recently' })
  }
  if (unseen.length === 0) return { found, again }
  const byName = await findDocuments(deps, unseen)
  const missing: Asking[] = []
  const own: { asking: Asking; document: OwnDocument }[] = []
  for (const asking of unseen) {
    const documents = byName.get(fileKey(asking.request)) ?? []
    const document = documents.find(isOwn)
    const [old] = documents.sort(olderFirst)
    if (document !== undefined && (document.clientKrn ?? null) === null) {
      await giveClient(deps, document, asking.request.client)
      again.push(asking)
    } else if (document !== undefined) {
      if (isLive(document) && !asking.fresh) found.push({ kind: 'live', asking, state: toState(document), seen: 'now' })
      else own.push({ asking, document })
    } else if (old !== undefined) {
      await beginAdoption(deps, old, asking.request.client)
      again.push(asking)
    } else if (asking.request.email === null) found.push({ kind: 'none', asking })
    else missing.push(asking)
  }

  const folded = await rollForward(
    collections,
    own.map(({ document }) => document),
  )
  for (const { asking, document } of own) {
    const { state, closing } = folded.get(document.fileId) ?? { state: null, closing: null }
    if (closing !== null) {
      await finishClosing(deps, document, closing)
      again.push({ ...asking, fresh: true })
    } else if (state !== null) found.push({ kind: 'live', asking: { ...asking, fresh: true }, state, seen: 'now' })
    else if (document.adopting === true) {
      await finishAdoption(deps, document)
      again.push({ ...asking, fresh: true })
    } else if (asking.request.email === null) found.push({ kind: 'none', asking })
    else found.push({ kind: 'reserved', asking, document })
  }
  await reserve(deps, missing, found, again)
  return { found, again }
}

const isOwn = (document: ProgressDocument): document is ProgressDocument & OwnDocument => document.fileId !== undefined

const findDocuments = async (
  deps: StoreDeps,
  asked: readonly Asking[],
): Promise<ReadonlyMap<string, ProgressDocument[]>> => {
  const ours: ProgressDocument[] = []
  for (const names of partsOfNames(asked.map(({ request }) => request))) {
    const filter = ofNames<ProgressDocument>(names, (client) => ofClient(deps, client), { parking: { $ne: true } })
    const documents = await deps.collections.progress
      .find<ProgressDocument>(filter, { ...BOUNDED, projection: STATE_FIELDS })
      .toArray()
    for (const document of documents) if (!isOfAnother(deps, document)) ours.push(document)
  }
  return Map.groupBy(ours, ({ clientKrn, filename }) => fileKey({ client: clientKrn ?? deps.legacyClient, filename }))
}

/** Takes names before anything is committed under them, so that a unique index that refuses a name is met in time. */
const reserve = async (
  { collections, newFileId, reservations }: OpenDeps,
  asked: readonly Asking[],
  found: Found[],
  again: Asking[],
): Promise<void> => {
  if (asked.length === 0) return
  const documents = asked.map(({ request }) =>
    reservationOf({
      ...request,
      email: reservations.ownerOf(fileKey(request), request.email ?? '') as Email,
      fileId: newFileId(),
    }),
  )
  let refused: ReadonlyMap<number, string> = new Map()
  try {
    await collections.progress.insertMany(documents as unknown as ProgressDocument[], UNORDERED)
  } catch (error) {
    if (isAway(error)) {
      // They may be there: the next look tells.
      again.push(...asked)
      return
    }
    const duplicates = duplicatesOf(error)
    if (duplicates === null) throw error
    refused = duplicates
  }
  const taken = documents.filter((_, index) => !refused.has(index))
  if (taken.length > 0) await giveUpWhenRolledBack(collections, taken)
  for (const [index, asking] of asked.entries()) {
    const reason = refused.get(index)
    if (reason === undefined) found.push({ kind: 'reserved', asking, document: documents[index] as Reservation })
    else if (isOldIndex(reason)) found.push({ kind: 'old index', asking })
    else again.push(asking)
  }
}

/**
 * A process that was left running over `pebbles migrate down` finds no file of any client, and would begin each anew.
 * Looked at with the reservations standing, not before: those that it did not see end with the roll back.
 */
const giveUpWhenRolledBack = async (collections: Collections, taken: readonly Reservation[]): Promise<void> => {
  if (!(await isRolledBack(collections))) return
  for (const reservation of taken) await removeDocument(collections, reservation)
  throw new StoreUnavailable('the documents were handed to the old version by `pebbles migrate down`')
}

/**
 * The old version's own unique index knows no clients: it refuses a filename and email that another client has. Only the
 * first of these words is the server's: what it quotes behind them may have any name, these words too.
 */
const isOldIndex = (reason: string): boolean => reason.startsWith('dup key: { filename:', reason.indexOf('dup key: {'))
