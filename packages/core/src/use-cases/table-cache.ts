import { createPatternTable, type PatternRow, type PatternTable } from '../patterns/pattern-table.ts'
import type { FileState } from '../progress/file-state.ts'
import type { IssueKind } from '../progress/issue.ts'

/**
 * Pattern tables between two updates of a file, so that an update to a file with 1,000 patterns need not read them
 * again. A table is right only for the life and the version it is kept under; the file's state names both.
 */
export interface TableCache {
  /** The version at hand for a file (its key), 0 when there is none. */
  readonly version: (file: string, kind: IssueKind) => number
  /**
   * Takes a table out, for who changes it: it is put back once the commit stands. `rows` is what the store answered,
   * undefined when it left them out because of `version`. Undefined comes back when the table kept is another life's.
   */
  readonly take: (
    file: string,
    kind: IssueKind,
    state: FileState | null,
    rows: readonly PatternRow[] | undefined,
  ) => PatternTable | undefined
  readonly put: (file: string, kind: IssueKind, state: FileState, table: PatternTable) => void
}

interface Kept {
  readonly fileId: string
  readonly version: number
  readonly table: PatternTable
  readonly weight: number
}

/** Holds no more than some weight of tables, as they say it of themselves: a table without a row has some, too. */
export const createTableCache = (maxWeight: number): TableCache => {
  const tables = new Map<string, Kept>()
  let held = 0
  const remove = (key: string): Kept | undefined => {
    const kept = tables.get(key)
    held -= kept?.weight ?? 0
    tables.delete(key)
    return kept
  }
  return {
    version: (file, kind) => tables.get(`${file}\n${kind}`)?.version ?? 0,
    take: (file, kind, state, rows) => {
      const kept = remove(`${file}\n${kind}`)
      if (rows !== undefined) return createPatternTable(rows)
      const version = state?.issues[kind].tableVersion ?? 0
      if (version === 0) return createPatternTable([])
      return kept !== undefined && kept.fileId === state?.fileId && kept.version === version ? kept.table : undefined
    },
    put: (file, kind, state, table) => {
      const key = `${file}\n${kind}`
      const weight = table.weight()
      remove(key)
      tables.set(key, { fileId: state.fileId, version: state.issues[kind].tableVersion, table, weight })
      held += weight
      for (const oldest of tables.keys()) {
        if (held <= maxWeight || oldest === key) break
        remove(oldest)
      }
    },
  }
}
