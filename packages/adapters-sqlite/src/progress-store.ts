import type { DatabaseSync } from 'node:sqlite'
import type {
  Change,
  Clock,
  CommitResult,
  FileId,
  FileState,
  FormerLife,
  IssueKind,
  Known,
  KnownUpdate,
  Opened,
  OpenRequest,
  PatternRow,
  ProgressStore,
  RecentStates,
  UpdateId,
} from '@pebbles/core'
import { createRecentStates, ISSUE_KINDS, isInner, isNamedByCaller } from '@pebbles/core'
import type { Access } from './access.ts'
import { NO_ISSUES, packIssues } from './issue-chunks.ts'
import { prepareTables } from './pattern-rows.ts'
import { prepareQuery, type Row } from './query.ts'
import { STATE_COLUMNS, toState } from './rows.ts'
import { shareCommits } from './share-commits.ts'
import type { Streams } from './streams.ts'
import { type PackedChange, prepareChangeWriter } from './write-changes.ts'

export interface ProgressStoreDeps {
  readonly db: DatabaseSync
  readonly path: string
  readonly access: Access
  readonly streams: Streams
  readonly clock: Clock
  readonly newFileId: () => FileId
}

export const createProgressStore = (deps: ProgressStoreDeps): ProgressStore => {
  const { db, path, access, streams, clock } = deps
  const openOne = prepareOpen(deps)
  const writeChanges = prepareChangeWriter(db, path, streams)
  const commit = shareCommits((group) => access.write(() => writeChanges(group)), clock)
  const recent = createRecentStates(clock)

  const commitAll = async (changes: readonly Change[]): Promise<readonly CommitResult[]> => {
    if (changes.length === 0) return access.read(() => [])
    const group: PackedChange[] = []
    for (const change of changes) {
      const issues = change.kind === 'update' ? packIssues(change.entry.issues, clock) : NO_ISSUES
      group.push({ change, issues: issues instanceof Promise ? await issues : issues })
    }
    return commit(group)
  }

  return {
    open: async (requests) => {
      // After a conflict or before a refusal: what one was met for is soon met again, and then to be seen at once.
      for (const request of requests) if (request.thorough) recent.share(request)
      const recalled = requests.map((request) => recall(request, recent))
      const unknown = requests.filter((_, index) => recalled[index] === null)
      if (unknown.length === 0 && requests.length > 0) return recalled as Opened[]
      const looked = (await access.read(() => unknown.map(openOne))).values()
      return recalled.map((answer) => answer ?? (looked.next().value as Opened))
    },
    commit: async (changes) => {
      const results = await commitAll(changes)
      for (const [index, change] of changes.entries()) {
        const file = change.kind === 'update' ? change.after : change.before
        if (results[index] === 'conflict') recent.share(file)
        else if (change.kind === 'update') recent.keep(file)
      }
      return results
    },
  }
}

/**
 * From memory, when nothing of the answer has to be looked up: no key that its caller chose, no pattern table, no former
 * life. Any other id that was applied before is met by the commit, as a conflict: then the file is looked at.
 */
const recall = (request: OpenRequest, recent: RecentStates): Opened | null => {
  const state = recent.take(request)
  if (state === undefined || request.thorough || request.email === null || state.former.length > 0) return null
  if (request.ids.some(isNamedByCaller)) return null
  for (const kind of ISSUE_KINDS) {
    const has = request.tables[kind]
    if (has !== undefined && has !== state.issues[kind].tableVersion) return null
  }
  return { kind: 'live', state, tables: {}, known: NOTHING_KNOWN, thorough: false }
}

const NOTHING_KNOWN: Known = new Map()

interface Life {
  readonly stream: number
  readonly version: number
  readonly email: FileState['email']
  readonly life: KnownUpdate['life']
}

const prepareOpen = ({ db, streams, newFileId }: ProgressStoreDeps): ((request: OpenRequest) => Opened) => {
  const file = prepareQuery(db, `SELECT ${STATE_COLUMNS}, stream FROM progress WHERE client = ? AND filename = ?`)
  const formerLives = prepareQuery(
    db,
    'SELECT file_id, version, state, stream, email FROM former WHERE client = ? AND filename = ?',
  )
  const update = prepareQuery(db, 'SELECT hash, first FROM update_id WHERE stream = ? AND id = ? AND version <= ?')
  const tableRows = prepareTables(db)

  const findKnown = (lives: readonly Life[], ids: readonly UpdateId[]): Known => {
    const known = new Map<UpdateId, KnownUpdate>()
    for (const { stream, version, email, life } of lives) {
      for (const id of ids) {
        const row = update.get(stream, id, version)
        if (row !== undefined) known.set(id, { hash: row[0] as string, email, created: row[1] === 1, life })
      }
    }
    return known
  }

  const openLive = (request: OpenRequest, row: Row, ids: readonly UpdateId[]): Opened => {
    const state = toState(row)
    const stream = row[STREAM] as number
    streams.remember(state.fileId, stream)
    const lives = state.former.length === 0 ? [] : formerOf(request).filter(isIn(state.former))
    // The present life last: an id of a file that came back stands in both.
    const present: Life = { stream, version: state.version, email: state.email, life: 'present' }
    const tables: { -readonly [K in IssueKind]?: readonly PatternRow[] } = {}
    for (const kind of ISSUE_KINDS) {
      const at = request.tables[kind]
      if (at !== undefined && (at === 0 || at !== state.issues[kind].tableVersion))
        tables[kind] = tableRows(stream, kind)
    }
    return { kind: 'live', state, tables, known: findKnown([...lives, present], ids), thorough: true }
  }

  const formerOf = ({ client, filename }: OpenRequest): (Life & FormerLife)[] =>
    formerLives.all(client, filename).map(([fileId, version, state, stream, email]) => ({
      fileId: fileId as FileId,
      version: version as number,
      state: state as FormerLife['state'],
      stream: stream as number,
      email: email as FileState['email'],
      life: state as FormerLife['state'],
    }))

  return (request) => {
    // A deletion asks for its own id, which is kept though nobody else can know it.
    const ids = request.email === null ? request.ids : request.ids.filter((id) => !isInner(id))
    const row = file.get(request.client, request.filename)
    if (row !== undefined) return openLive(request, row, ids)
    const lives = formerOf(request)
    const known = findKnown(lives, ids)
    if (lives.some((life) => life.state === 'moved')) return { kind: 'refused', code: 'FILE_MOVED', known }
    const former = lives.map(({ fileId, version, state }) => ({ fileId, version, state }))
    return { kind: 'free', fileId: newFileId(), former, known }
  }
}

const STREAM = STATE_COLUMNS.split(', ').length

const isIn =
  (former: readonly FormerLife[]) =>
  ({ fileId }: FormerLife): boolean =>
    former.some((life) => life.fileId === fileId)
