import type { MoveRequest, MoveResult } from '../src/index.ts'
import { keyOf, type MemoryData } from './memory-data.ts'

/** A file changes its client, in one step. */
export const moveInMemory = (
  { files, streams, former, feed }: MemoryData,
  { from, to, filename, at, id }: MoveRequest,
): MoveResult => {
  const old = keyOf({ client: from, filename })
  const target = keyOf({ client: to, filename })
  const state = files.get(old)
  if (state === undefined) return { kind: 'missing' }
  const { fileId, email } = state
  const others = (former.get(target) ?? []).filter((life) => life.fileId !== fileId)
  if (files.has(target) || others.some((life) => life.state === 'moved')) return { kind: 'taken' }

  const version = state.version + 1
  const moved = { ...state, client: to, version, former: others }
  streams.get(fileId)?.entries.push({ kind: 'moved', fileId, version, at, by: email, id })
  streams.get(fileId)?.ids.set(id, { hash: '', version, first: false })
  const lives = (former.get(old) ?? []).filter((life) => life.fileId !== fileId)
  former.set(old, [...lives, { fileId, version, state: 'moved' }])
  former.set(target, others)
  files.delete(old)
  files.set(target, moved)
  feed.push({
    of: `${from} ${fileId}`,
    event: (position) => ({ kind: 'removed', position, client: from, filename, fileId, version }),
  })
  feed.push({ of: `${to} ${fileId}`, event: (position) => ({ kind: 'changed', position, state: moved }) })
  return { kind: 'moved', fileId }
}
