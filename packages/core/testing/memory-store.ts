import { setImmediate } from 'node:timers/promises'
import type {
  Change,
  ChangeFeed,
  ClientSums,
  CommitResult,
  FileId,
  FileMoves,
  FileState,
  FormerLife,
  HistoryRow,
  IssueKind,
  JournalEntry,
  KeptMessage,
  KnownUpdate,
  ListFilter,
  Opened,
  OpenRequest,
  PatternRow,
  ProgressReader,
  ProgressStore,
  RejectedMessage,
  RejectedMessages,
  StoredIssue,
  UpdateEntry,
  UpdateId,
} from '../src/index.ts'
import { foldName, rejectedBytes, StoreUnavailable, statusOf } from '../src/index.ts'
import { keyOf, type MemoryData, type MemoryStream } from './memory-data.ts'
import { moveInMemory } from './memory-moves.ts'

export type TestStore = ProgressStore &
  ProgressReader &
  ChangeFeed &
  AsyncDisposable & {
    /** Absent in a store that does not keep them: its contract is then skipped, in sight. */
    readonly rejected?: RejectedMessages
    /** Absent in a store that cannot be moved in. */
    readonly moves?: FileMoves
  }

export interface MemoryStore extends TestStore {
  readonly rejected: RejectedMessages
  readonly moves: FileMoves
  /** Another connection to the same data; closing one leaves the others open. */
  readonly connect: () => MemoryStore
  /** The same with steps of its own, as another process has them. */
  readonly connectWith: (options: MemoryStoreOptions) => MemoryStore
  /** Every journal there ever was, for checkers. */
  readonly journals: () => ReadonlyMap<FileId, readonly JournalEntry[]>
}

export interface MemoryStoreOptions {
  readonly newFileId: () => FileId
  /** Awaited before each call takes effect and before it answers: where a simulation delays, reorders and crashes. */
  readonly step?: (label: string) => Promise<void>
  readonly groupsAtOnce?: number
}

/**
 * The reference store: the promises of the ports at their plainest, in memory. Other stores are held against it, and
 * the simulation runs on it. Every value is copied at the border, as a real store does.
 */
export const createMemoryStore = (options: MemoryStoreOptions): MemoryStore =>
  connectTo(
    {
      files: new Map(),
      streams: new Map(),
      former: new Map(),
      feed: [],
      rejected: { kept: [], last: 0 },
      identity: options.newFileId(),
    },
    options,
  )

const connectTo = (data: MemoryData, options: MemoryStoreOptions): MemoryStore => {
  const { files, streams, former, feed, identity } = data
  const { newFileId, step = () => setImmediate(), groupsAtOnce = 1 } = options
  let closed = false

  const call = async <T>(label: string, effect: () => T): Promise<T> => {
    if (closed) throw new StoreUnavailable('the store is closed')
    await step(`${label}:before`)
    const answer = structuredClone(effect())
    await step(`${label}:after`)
    return answer
  }

  const known = (
    request: OpenRequest,
    state: FileState | undefined,
    rows: readonly FormerLife[],
  ): Map<UpdateId, KnownUpdate> => {
    const found = new Map<UpdateId, KnownUpdate>()
    const lives: { fileId: FileId; version: number; life: KnownUpdate['life'] }[] = rows.map((row) => ({
      ...row,
      life: row.state,
    }))
    if (state !== undefined) lives.push({ fileId: state.fileId, version: state.version, life: 'present' })
    for (const { fileId, version, life } of lives) {
      const stream = streams.get(fileId)
      for (const id of request.ids) {
        const hit = stream?.ids.get(id)
        if (stream !== undefined && hit !== undefined && hit.version <= version)
          found.set(id, { hash: hit.hash, email: stream.email, created: hit.first, life })
      }
    }
    return found
  }

  const openOne = (request: OpenRequest): Opened => {
    const key = keyOf(request)
    const state = files.get(key)
    if (state === undefined) {
      const lives = former.get(key) ?? []
      const ids = known(request, undefined, lives)
      if (lives.some((life) => life.state === 'moved')) return { kind: 'refused', code: 'FILE_MOVED', known: ids }
      return { kind: 'free', fileId: newFileId(), former: lives, known: ids }
    }
    const stream = streams.get(state.fileId)
    const tables: { -readonly [K in IssueKind]?: readonly PatternRow[] } = {}
    for (const kind of ['error', 'warning'] as const) {
      const at = request.tables[kind]
      if (at !== undefined && (at === 0 || at !== state.issues[kind].tableVersion)) tables[kind] = rowsOf(stream, kind)
    }
    return { kind: 'live', state, tables, known: known(request, state, state.former), thorough: true }
  }

  const commitOne = (change: Change): CommitResult => {
    const { entry } = change
    const key = keyOf(change.kind === 'update' ? change.after : change.before)
    const current = files.get(key)
    if ((current?.fileId ?? null) !== (change.before?.fileId ?? null) || (current?.version ?? 0) !== entry.version - 1)
      return 'conflict'
    // A life that ended since the name was found free would be unknown to the new one, and its updates count twice.
    if (
      change.kind === 'update' &&
      change.before === null &&
      change.after.former.length !== (former.get(key) ?? []).length
    )
      return 'conflict'
    if (change.kind === 'remove') {
      streams.get(entry.fileId)?.entries.push(structuredClone(entry))
      const rows = former.get(key) ?? []
      former.set(key, [...rows, { fileId: entry.fileId, version: entry.version, state: 'deleted' }])
      streams.get(entry.fileId)?.ids.set(change.entry.id, { hash: '', version: entry.version, first: false })
      files.delete(key)
      const { client, filename } = change.before
      const { fileId, version } = entry
      feed.push({
        of: `${client} ${entry.fileId}`,
        event: (position) => ({ kind: 'removed', position, client, filename, fileId, version }),
      })
      return 'committed'
    }
    const stream = streams.get(entry.fileId) ?? newStream(change.entry)
    if (change.entry.updates.some((update) => stream.ids.has(update.id))) return 'conflict'
    apply(stream, structuredClone(change.entry))
    streams.set(entry.fileId, stream)
    const state = structuredClone(change.after)
    files.set(key, state)
    feed.push({
      of: `${state.client} ${entry.fileId}`,
      event: (position) => ({ kind: 'changed', position, state }),
    })
    return 'committed'
  }

  const matching = (filter: ListFilter): FileState[] => [...files.values()].filter((state) => matches(state, filter))

  return {
    open: (requests) => call('open', () => requests.map(openOne)),
    commit: (changes) => call('commit', () => changes.map(commitOne)),
    groupsAtOnce,
    get: (client, filename) =>
      call('get', () => {
        const state = files.get(keyOf({ client, filename }))
        if (state === undefined) return null
        const stream = streams.get(state.fileId)
        return { state, tables: { error: rowsOf(stream, 'error'), warning: rowsOf(stream, 'warning') } }
      }),
    list: (filter, limit, after) =>
      call('list', () =>
        matching(filter)
          .sort(newestFirst)
          .filter((state) => after === null || newestFirst(state, after) > 0)
          .slice(0, limit),
      ),
    scan: (filter, limit, after) =>
      call('scan', () =>
        matching(filter)
          .sort((a, b) => (a.fileId < b.fileId ? -1 : 1))
          .filter((state) => after === null || state.fileId > after)
          .slice(0, limit),
      ),
    pick: (filter, fileIds) => call('pick', () => matching(filter).filter(({ fileId }) => fileIds.includes(fileId))),
    sums: (client, stalledBefore) =>
      call('sums', () =>
        sumUp(
          [...files.values()].filter((state) => state.client === client),
          stalledBefore,
        ),
      ),
    issues: (ref, kind, patterns, limit, after) =>
      call('issues', () =>
        issuesOf(streams.get(ref.fileId), ref.version, kind)
          .filter((issue) => patterns === null || patterns.includes(issue.pattern))
          .filter(
            (issue) =>
              after === null ||
              issue.version > after.version ||
              (issue.version === after.version && issue.index > after.index),
          )
          .slice(0, limit),
      ),
    history: (ref, limit, after) =>
      call('history', () =>
        updates(streams.get(ref.fileId), ref.version)
          .filter((entry) => entry.version > after)
          .slice(0, limit)
          .map(historyRow),
      ),
    clients: () =>
      call('clients', () => {
        const clients = new Map<
          FileState['client'],
          { client: FileState['client']; files: number; lastUpdate: number }
        >()
        for (const { client, updatedAt } of files.values()) {
          const seen = clients.get(client)
          clients.set(client, {
            client,
            files: (seen?.files ?? 0) + 1,
            lastUpdate: Math.max(seen?.lastUpdate ?? 0, updatedAt),
          })
        }
        return [...clients.values()].sort((a, b) => b.lastUpdate - a.lastUpdate || (a.client < b.client ? -1 : 1))
      }),
    position: () => call('position', () => `memory-${identity}-${feed.length}`),
    changes: (after, limit) =>
      call('changes', () => {
        const from = placeOf(after, identity)
        if (from === null || from > feed.length) return null
        const newest = new Map(
          feed.slice(from).map((change, index) => [change.of, { ...change, place: from + index + 1 }]),
        )
        const page = [...newest.values()].sort((a, b) => a.place - b.place).slice(0, limit)
        const place = newest.size <= limit ? feed.length : (page.at(-1)?.place ?? from)
        return {
          events: page.map((change) => change.event(`memory-${identity}-${change.place}`)),
          position: `memory-${identity}-${place}`,
        }
      }),
    covers: (a, b) => {
      const [from, to] = [placeOf(a, identity), placeOf(b, identity)]
      return from !== null && to !== null && from <= to
    },
    awaitChange: async (after, ms) => {
      const started = performance.now()
      while (performance.now() - started < ms && placeOf(after, identity) === feed.length) await step('await')
    },
    rejected: {
      keep: (messages, maxBytes) => call('keep', () => keepRejected(data.rejected, messages, maxBytes)),
      list: (limit, after, channel) =>
        call('rejected', () =>
          ofChannel(data.rejected.kept, channel)
            .filter(({ no }) => no > after)
            .slice(0, limit),
        ),
      drop: (nos) =>
        call('drop', () => {
          data.rejected.kept = data.rejected.kept.filter(({ no }) => !nos.includes(no))
        }),
      last: (channel) => call('last', () => ofChannel(data.rejected.kept, channel).at(-1)?.no ?? 0),
      size: (channel) =>
        call('size', () => {
          const kept = ofChannel(data.rejected.kept, channel)
          return { messages: kept.length, bytes: bytesOf(kept) }
        }),
    },
    moves: { obstacle: async () => null, move: (request) => call('move', () => moveInMemory(data, request)) },
    connect: () => connectTo(data, options),
    connectWith: (others) => connectTo(data, others),
    journals: () => new Map([...streams].map(([fileId, { entries }]) => [fileId, structuredClone(entries)])),
    [Symbol.asyncDispose]: () => {
      closed = true
      return Promise.resolve()
    },
  }
}

const keepRejected = (
  list: MemoryData['rejected'],
  messages: readonly RejectedMessage[],
  maxBytes: number,
): 'kept' | 'full' => {
  const given = [...new Map(messages.map((message) => [message.origin, message])).values()]
  const others = list.kept.filter(({ origin }) => !given.some((message) => message.origin === origin))
  if (bytesOf(others) + bytesOf(given) > maxBytes) return 'full'
  list.kept = [...others, ...structuredClone(given).map((message) => ({ ...message, no: ++list.last }))]
  return 'kept'
}

const ofChannel = (
  kept: readonly KeptMessage[],
  channel: KeptMessage['channel'] | undefined,
): readonly KeptMessage[] => (channel === undefined ? kept : kept.filter((message) => message.channel === channel))

const bytesOf = (messages: readonly RejectedMessage[]): number =>
  messages.reduce((sum, message) => sum + rejectedBytes(message), 0)

const placeOf = (position: string, identity: string): number | null => {
  const [, of, place] = /^memory-([0-9a-f]+)-([0-9]+)$/.exec(position) ?? []
  return of === identity ? Number(place) : null
}

const newStream = (entry: UpdateEntry): MemoryStream => ({
  entries: [],
  ids: new Map(),
  tables: { error: new Map(), warning: new Map() },
  email: entry.email,
})

const apply = (stream: MemoryStream, entry: UpdateEntry): void => {
  stream.entries.push(entry)
  for (const [index, { id, hash }] of entry.updates.entries())
    stream.ids.set(id, { hash, version: entry.version, first: entry.version === 1 && index === 0 })
  for (const kind of ['error', 'warning'] as const)
    for (const row of entry.patterns[kind]) stream.tables[kind].set(row.no, row)
}

const rowsOf = (stream: MemoryStream | undefined, kind: IssueKind): readonly PatternRow[] =>
  [...(stream?.tables[kind].values() ?? [])].sort((a, b) => a.no - b.no)

const updates = (stream: MemoryStream | undefined, upTo: number): UpdateEntry[] =>
  (stream?.entries ?? []).filter((entry): entry is UpdateEntry => entry.kind === 'update' && entry.version <= upTo)

const issuesOf = (stream: MemoryStream | undefined, upTo: number, kind: IssueKind): StoredIssue[] =>
  updates(stream, upTo).flatMap(({ version, at, issues }) =>
    issues[kind].messages.map((message, index) => ({
      version,
      index,
      line: issues[kind].lines[index] ?? null,
      message,
      pattern: issues[kind].patterns[index] ?? 0,
      at,
    })),
  )

const historyRow = (entry: UpdateEntry): HistoryRow => ({
  version: entry.version,
  at: entry.at,
  updates: entry.updates.length,
  counts: entry.delta,
  total: entry.total,
  isLast: entry.completion !== null,
  outcome: entry.completion?.outcome ?? null,
  sources: entry.sources,
})

const matches = (state: FileState, filter: ListFilter): boolean =>
  state.client === filter.client &&
  (filter.email === undefined || state.email === filter.email) &&
  (filter.completed === undefined || (state.completion !== null) === filter.completed) &&
  (filter.q === undefined || foldName(state.filename).includes(filter.q)) &&
  (filter.updatedSince === undefined || state.updatedAt >= filter.updatedSince) &&
  (filter.status === undefined || statusOf(state, filter.stalledBefore, 0) === filter.status)

const newestFirst = (a: Pick<FileState, 'updatedAt' | 'fileId'>, b: Pick<FileState, 'updatedAt' | 'fileId'>): number =>
  b.updatedAt - a.updatedAt || (a.fileId < b.fileId ? 1 : a.fileId > b.fileId ? -1 : 0)

const sumUp = (states: readonly FileState[], stalledBefore: number): ClientSums => {
  const byStatus = { running: 0, stalled: 0, completed: 0, failed: 0, cancelled: 0 }
  const counts = { done: 0n, warn: 0n, failed: 0n }
  let lastUpdate: number | null = null
  for (const state of states) {
    byStatus[statusOf(state, stalledBefore, 0)] += 1
    counts.done += BigInt(state.counts.done)
    counts.warn += BigInt(state.counts.warn)
    counts.failed += BigInt(state.counts.failed)
    lastUpdate = Math.max(lastUpdate ?? 0, state.updatedAt)
  }
  return { files: states.length, ...byStatus, counts, lastUpdate }
}
