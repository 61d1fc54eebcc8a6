import type { FileId, FileState } from '@pebbles/core'
import type { Name } from './names.ts'

/** The names of old documents that were just read: their issues are asked for next, by an id that has no journal yet. */
export interface OldNames {
  readonly remember: (state: FileState) => void
  readonly of: (fileId: FileId) => Name | undefined
}

const REMEMBERED = 10_000

export const createOldNames = (): OldNames => {
  const names = new Map<FileId, Name>()
  return {
    remember: ({ fileId, client, filename }) => {
      names.delete(fileId)
      names.set(fileId, { client, filename })
      for (const oldest of names.keys()) {
        if (names.size <= REMEMBERED) return
        names.delete(oldest)
      }
    },
    of: (fileId) => names.get(fileId),
  }
}
