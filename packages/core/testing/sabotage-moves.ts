import type { FileState, MoveRequest, MoveResult } from '../src/index.ts'
import { newFileId } from './builders.ts'
import type { MemoryStore, TestStore } from './memory-store.ts'

type Move = (request: MoveRequest) => Promise<MoveResult>

const moving = (healthy: MemoryStore, move: Move): TestStore => ({ ...healthy, moves: { ...healthy.moves, move } })

const remove = async (healthy: MemoryStore, before: FileState): Promise<void> => {
  const { fileId, version, email } = before
  const entry = {
    kind: 'deleted' as const,
    fileId,
    version: version + 1,
    at: 1,
    by: email,
    id: 'inner:cleared' as const,
  }
  await healthy.commit([{ kind: 'remove', before, entry }])
}

/** Ways to break a move between clients. */
export const MOVE_SABOTAGES = [
  {
    name: 'a move is a copy',
    breakStore: (healthy: MemoryStore): TestStore => {
      const left = new Map<string, Awaited<ReturnType<MemoryStore['get']>>>()
      const broken = moving(healthy, async (request) => {
        left.set(`${request.from} ${request.filename}`, await healthy.get(request.from, request.filename))
        return healthy.moves.move(request)
      })
      return {
        ...broken,
        get: async (owner, filename) => left.get(`${owner} ${filename}`) ?? healthy.get(owner, filename),
      }
    },
  },
  {
    name: 'a move takes a name from another file',
    breakStore: (healthy: MemoryStore): TestStore =>
      moving(healthy, async (request) => {
        const there = await healthy.get(request.to, request.filename)
        if (there !== null) await remove(healthy, there.state)
        return healthy.moves.move(request)
      }),
  },
  {
    name: 'a move begins a new life',
    breakStore: (healthy: MemoryStore): TestStore =>
      moving(healthy, async (request) => {
        const result = await healthy.moves.move(request)
        return result.kind === 'moved' ? { ...result, fileId: newFileId() } : result
      }),
  },
  {
    name: 'a moved name is free',
    breakStore: (healthy: MemoryStore): TestStore => ({
      ...healthy,
      open: async (requests) =>
        (await healthy.open(requests)).map((opened) =>
          opened.kind === 'refused' ? { kind: 'free', fileId: newFileId(), former: [], known: new Map() } : opened,
        ),
    }),
  },
  {
    name: 'nobody hears that a file moved away',
    breakStore: (healthy: MemoryStore): TestStore => {
      const moved = new Set<string>()
      const broken = moving(healthy, async (request) => {
        const result = await healthy.moves.move(request)
        if (result.kind === 'moved') moved.add(result.fileId)
        return result
      })
      return {
        ...broken,
        changes: async (after, limit) => {
          const page = await healthy.changes(after, limit)
          const heard = page?.events.filter((event) => event.kind === 'changed' || !moved.has(event.fileId))
          return page === null ? null : { ...page, events: heard ?? [] }
        },
      }
    },
  },
]
