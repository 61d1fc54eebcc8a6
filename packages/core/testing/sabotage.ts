import type { Change, CommitResult, FileState, Opened } from '../src/index.ts'
import { client, newFileId } from './builders.ts'
import { createMemoryStore, type MemoryStore, type TestStore } from './memory-store.ts'
import { MOVE_SABOTAGES } from './sabotage-moves.ts'

/** A way to break a store, and the store broken so: the contract must notice each of them. */
export interface Sabotage {
  readonly name: string
  readonly breakStore: (healthy: MemoryStore) => TestStore
}

type Broken = Partial<TestStore>

const over = (healthy: MemoryStore, broken: Broken): TestStore => ({ ...healthy, ...broken })

const openWith = (healthy: MemoryStore, change: (opened: Opened) => Opened): Broken => ({
  open: async (requests) => (await healthy.open(requests)).map(change),
})

const commitEach = (healthy: MemoryStore, commit: (change: Change) => Promise<CommitResult>): Broken => ({
  commit: async (changes) => {
    const results: CommitResult[] = []
    if (changes.length === 0) await healthy.commit([])
    for (const change of changes) results.push(await commit(change))
    return results
  },
})

const single = async (healthy: MemoryStore, change: Change): Promise<CommitResult> =>
  (await healthy.commit([change]))[0] as CommitResult

const onUpdates = (healthy: MemoryStore, alter: (change: Extract<Change, { kind: 'update' }>) => Change): Broken =>
  commitEach(healthy, (change) => single(healthy, change.kind === 'update' ? alter(change) : change))

const readingAs =
  (change: (state: FileState) => FileState) =>
  (healthy: MemoryStore): TestStore =>
    over(healthy, {
      get: async (owner, filename) => {
        const found = await healthy.get(owner, filename)
        return found === null ? null : { ...found, state: change(found.state) }
      },
    })

export const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'lost update: a conflict is answered as committed',
    breakStore: (healthy) =>
      over(
        healthy,
        commitEach(healthy, async (change) => {
          await single(healthy, change)
          return 'committed'
        }),
      ),
  },
  {
    name: 'double apply: ids are not remembered',
    breakStore: (healthy) =>
      over(
        healthy,
        onUpdates(healthy, (change) => ({
          ...change,
          entry: {
            ...change.entry,
            updates: change.entry.updates.map((update, index) => ({
              ...update,
              id: `inner:${change.entry.fileId}-${change.entry.version}-${index}` as const,
            })) as never,
          },
        })),
      ),
  },
  {
    name: 'two owners: the last writer owns the file',
    breakStore: (healthy) =>
      over(healthy, {
        ...openWith(healthy, (opened) =>
          opened.kind === 'live' ? { kind: 'free', fileId: newFileId(), former: [], known: new Map() } : opened,
        ),
        ...commitEach(healthy, async (change) =>
          change.kind === 'update' && change.before === null ? 'committed' : single(healthy, change),
        ),
      }),
  },
  {
    name: 'wrong owner: an email is folded',
    breakStore: readingAs((state) => ({ ...state, email: state.email.toUpperCase() as FileState['email'] })),
  },
  {
    name: 'tenant leak: lists look at the name of the client only up to its length',
    breakStore: (healthy) =>
      over(healthy, {
        list: async (filter, limit, after) => [
          ...(await healthy.list(filter, limit, after)),
          ...(await healthy.list({ ...filter, client: client('globex') }, limit, after)),
        ],
      }),
  },
  {
    name: 'tenant leak: a scan shows everybody',
    breakStore: (healthy) =>
      over(healthy, {
        scan: async (filter, limit, after) =>
          (
            await Promise.all(
              (await healthy.clients()).map((row) => healthy.scan({ ...filter, client: row.client }, limit, after)),
            )
          ).flat(),
      }),
  },
  {
    name: 'tenant leak: an id is enough to pick a file',
    breakStore: (healthy) =>
      over(healthy, {
        pick: async (filter, fileIds) =>
          (
            await Promise.all(
              (await healthy.clients()).map((row) => healthy.pick({ ...filter, client: row.client }, fileIds)),
            )
          ).flat(),
      }),
  },
  {
    name: 'picked files are as they were first seen',
    breakStore: (healthy) => {
      const seen = new Map<string, FileState>()
      return over(healthy, {
        list: async (...query) => {
          const page = await healthy.list(...query)
          for (const state of page) if (!seen.has(state.fileId)) seen.set(state.fileId, state)
          return page
        },
        pick: async (filter, fileIds) =>
          (await healthy.pick(filter, fileIds)).map((state) => seen.get(state.fileId) ?? state),
      })
    },
  },
  {
    name: 'tenant leak: a name is found under another client',
    breakStore: (healthy) =>
      over(healthy, {
        get: async (owner, filename) =>
          (await healthy.get(owner, filename)) ?? (await healthy.get(client('globex'), filename)),
      }),
  },
  {
    name: 'tenant leak: sums of all',
    breakStore: (healthy) => over(healthy, { sums: async (_, before) => healthy.sums(client('globex'), before) }),
  },
  { name: 'shared reference: a read hands out the stored state', breakStore: sharing },
  {
    name: 'wrong order: oldest first',
    breakStore: (healthy) =>
      over(healthy, {
        list: async (filter, limit, after) => [...(await healthy.list(filter, limit, after))].reverse(),
      }),
  },
  {
    name: 'unstable order: ties are cut off',
    breakStore: (healthy) =>
      over(healthy, {
        list: async (filter, limit, after) =>
          (await healthy.list(filter, 10_000, after))
            .filter((state) => after === null || state.updatedAt < after.updatedAt)
            .slice(0, limit),
      }),
  },
  {
    name: 'scan by time: rows move while they are read',
    breakStore: (healthy) =>
      over(healthy, {
        scan: async (filter, limit, after) =>
          (await healthy.list(filter, 10_000, null))
            .filter((state) => after === null || state.fileId > after)
            .slice(0, limit),
      }),
  },
  {
    name: 'torn snapshot: state and tables of two versions',
    breakStore: (healthy) => {
      const earlier = new Map<string, Awaited<ReturnType<TestStore['get']>>>()
      return over(healthy, {
        get: async (owner, filename) => {
          const found = await healthy.get(owner, filename)
          const before = earlier.get(`${owner}\n${filename}`)
          if (found !== null) earlier.set(`${owner}\n${filename}`, found)
          return found === null || before == null ? found : { state: found.state, tables: before.tables }
        },
      })
    },
  },
  {
    name: 'resurrection: a removed file can be written on',
    breakStore: (healthy) =>
      over(
        healthy,
        commitEach(healthy, async (change) => {
          const result = await single(healthy, change)
          if (result === 'committed' || change.kind !== 'update') return result
          return single(healthy, await asFirst(healthy, change))
        }),
      ),
  },
  {
    name: 'blind to lives: a name found free once is free for good',
    breakStore: (healthy) =>
      over(
        healthy,
        commitEach(healthy, async (change) =>
          single(healthy, change.kind === 'update' && change.before === null ? await asFirst(healthy, change) : change),
        ),
      ),
  },
  {
    name: 'amnesia: ids of removed lives are forgotten',
    breakStore: (healthy) =>
      over(
        healthy,
        openWith(
          healthy,
          (opened) => ({ ...opened, ...(opened.kind === 'free' ? { known: new Map(), former: [] } : {}) }) as Opened,
        ),
      ),
  },
  {
    name: 'lost issues: messages are trimmed',
    breakStore: (healthy) =>
      over(healthy, {
        issues: async (...query) =>
          (await healthy.issues(...query)).map((issue) => ({ ...issue, message: issue.message.trim() })),
      }),
  },
  {
    name: 'lost issues: only a page of them is kept',
    breakStore: (healthy) =>
      over(healthy, {
        issues: async (stream, kind, patterns, limit, after) =>
          after === null ? healthy.issues(stream, kind, patterns, limit, after) : [],
      }),
  },
  {
    name: 'reads beyond the version',
    breakStore: (healthy) =>
      over(healthy, {
        issues: (stream, ...query) => healthy.issues({ ...stream, version: 1e9 }, ...query),
        history: (stream, ...query) => healthy.history({ ...stream, version: 1e9 }, ...query),
      }),
  },
  {
    name: 'pattern rows are lost',
    breakStore: (healthy) =>
      over(healthy, {
        get: async (owner, filename) => {
          const found = await healthy.get(owner, filename)
          return found === null ? null : { ...found, tables: { error: found.tables.error.slice(1), warning: [] } }
        },
      }),
  },
  {
    name: 'history keeps the last entry only',
    breakStore: (healthy) =>
      over(healthy, {
        history: async (stream, limit, after) => (await healthy.history(stream, limit, after)).slice(-1),
      }),
  },
  {
    name: 'rounded sums',
    breakStore: (healthy) =>
      over(healthy, {
        sums: async (...query) => {
          const sums = await healthy.sums(...query)
          return { ...sums, counts: { ...sums.counts, done: BigInt(Number(sums.counts.done)) } }
        },
      }),
  },
  {
    name: 'q is a pattern',
    breakStore: (healthy) =>
      over(healthy, {
        list: async ({ q, ...filter }, limit, after) =>
          (await healthy.list(filter, limit, after)).filter(
            (state) => q === undefined || new RegExp(q.replaceAll(/[[\]()\\^$?{}|]/g, ''), 'iu').test(state.filename),
          ),
      }),
  },
  {
    name: 'names are normalised',
    breakStore: (healthy) =>
      over(healthy, { get: (owner, filename) => healthy.get(owner, filename.normalize('NFC') as typeof filename) }),
  },
  {
    name: 'every place of the feed covers every other',
    breakStore: (healthy) => over(healthy, { covers: () => true }),
  },
  {
    name: 'half a group: the second change of a commit is dropped',
    breakStore: (healthy) =>
      over(healthy, {
        commit: async (changes) => [
          ...(await healthy.commit(changes.slice(0, 1))),
          ...changes.slice(1).map(() => 'committed' as const),
        ],
      }),
  },
  { name: 'a commit leaves its issues behind when it conflicts', breakStore: leaveIssues },
  {
    name: 'opening makes a file',
    breakStore: (healthy) =>
      over(healthy, {
        clients: async () => [...(await healthy.clients()), { client: client(), files: 0, lastUpdate: 0 }],
      }),
  },
  ...MOVE_SABOTAGES,
  {
    name: 'close is ignored',
    breakStore: (healthy) => over(healthy, { [Symbol.asyncDispose]: () => Promise.resolve() }),
  },
  {
    name: 'each connection has its own data',
    breakStore: (healthy) => over(healthy, { connect: () => createMemoryStore({ newFileId }) } as Broken),
  },
]

/** The same change as the first of a new life, with every life before it named. */
async function asFirst(healthy: MemoryStore, change: Extract<Change, { kind: 'update' }>): Promise<Change> {
  const { client: owner, filename, email } = change.after
  const [opened] = await healthy.open([{ client: owner, filename, email, ids: [], thorough: false, tables: {} }])
  const former = opened?.kind === 'free' ? opened.former : []
  const fileId = newFileId()
  return {
    ...change,
    before: null,
    after: { ...change.after, version: 1, fileId, former },
    entry: { ...change.entry, version: 1, fileId },
  }
}

function sharing(healthy: MemoryStore): TestStore {
  const handed = new Map<string, Awaited<ReturnType<TestStore['get']>>>()
  return over(healthy, {
    get: async (owner, filename) => {
      const found = await healthy.get(owner, filename)
      const before = handed.get(`${owner}\n${filename}`)
      if (before != null && before.state.version === found?.state.version) return before
      handed.set(`${owner}\n${filename}`, found)
      return found
    },
  })
}

function leaveIssues(healthy: MemoryStore): TestStore {
  let left = 0
  return over(healthy, {
    ...commitEach(healthy, async (change) => {
      const result = await single(healthy, change)
      if (result === 'conflict' && change.kind === 'update') left += change.entry.issues.error.messages.length
      return result
    }),
    issues: async (...query) => {
      const found = await healthy.issues(...query)
      const first = found[0]
      return first === undefined || left === 0 ? found : [...found, ...Array.from({ length: left }, () => first)]
    },
  })
}
