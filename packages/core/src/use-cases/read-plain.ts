import type { Clock } from '../ports/clock.ts'
import type { ListFilter, ListPosition, ProgressReader, StoredIssue } from '../ports/progress-reader.ts'
import type { FileId, FileState } from '../progress/file-state.ts'
import type { ByKind, IssueKind } from '../progress/issue.ts'
import type { ClientKrn } from '../tenancy/client-krn.ts'
import type { FileName } from '../tenancy/file-name.ts'

/** A file with its issues as they came, which is how the single-tenant version showed it. */
export interface PlainFile {
  readonly state: FileState
  /** In order of arrival, the first 1,000 of each kind, and no more than some megabytes of text. */
  readonly issues: ByKind<readonly Pick<StoredIssue, 'line' | 'message'>[]>
  /** More issues exist than are shown. */
  readonly truncated: boolean
}

export interface ReadPlain {
  readonly get: (client: ClientKrn, filename: FileName) => Promise<PlainFile | null>
  /** States that were just read, in their order, with their issues; files with few issues are read together. */
  readonly withIssues: (states: readonly FileState[]) => AsyncIterable<PlainFile>
  /**
   * Every matching file once, in pages, newest first as of the moment the first page is asked for. A file that is
   * updated meanwhile keeps its place and shows what it is when its page is read; one that is gone by then is left out.
   */
  readonly whole: (filter: Omit<ListFilter, 'stalledBefore'>) => AsyncGenerator<readonly FileState[], undefined>
}

const ISSUES_OF_A_KIND = 1_000
/** A document of the single-tenant version, which held them all, could not be larger than 16 MiB. */
const CHARACTERS_OF_A_KIND = 8 * 1024 * 1024
/** Files that are read together have no more issues than one file may show. */
const READ_TOGETHER = 20
const KEYS_AT_ONCE = 500
const FILES_AT_ONCE = 100

/** The reads of the single-tenant routes. */
export const createReadPlain = (deps: {
  readonly reader: Pick<ProgressReader, 'get' | 'issues' | 'scan' | 'pick'>
  readonly clock: Clock
  readonly stalledAfterMs: number
}): ReadPlain => {
  const { reader, clock, stalledAfterMs } = deps
  const plainFile = async (state: FileState): Promise<PlainFile> => {
    const issues = {
      error: await firstIssues(reader, state, 'error'),
      warning: await firstIssues(reader, state, 'warning'),
    }
    const shown = issues.error.length + issues.warning.length
    return { state, issues, truncated: shown < state.issues.error.count + state.issues.warning.count }
  }
  return {
    get: async (client, filename) => {
      const found = await reader.get(client, filename)
      return found === null ? null : plainFile(found.state)
    },
    withIssues: async function* (states) {
      for (let from = 0; from < states.length; ) {
        const together = lightFiles(states.slice(from, from + READ_TOGETHER))
        yield* await Promise.all(together.map(plainFile))
        from += together.length
      }
    },
    whole: async function* (given) {
      const filter = { ...given, stalledBefore: clock.now() - stalledAfterMs }
      const keys = await keysOf(reader, filter)
      for (let from = 0; from < keys.length; from += FILES_AT_ONCE) {
        const wanted = keys.slice(from, from + FILES_AT_ONCE).map(({ fileId }) => fileId)
        const found = new Map((await reader.pick(filter, wanted)).map((state) => [state.fileId, state]))
        yield wanted.map((fileId) => found.get(fileId)).filter((state) => state !== undefined)
      }
      return undefined
    },
  }
}

/** By a scan, as a list by pages would miss what is updated while it is read; then brought into the order of a list. */
const keysOf = async (reader: Pick<ProgressReader, 'scan'>, filter: ListFilter): Promise<readonly ListPosition[]> => {
  const keys: ListPosition[] = []
  let after: FileId | null = null
  for (;;) {
    const page: readonly FileState[] = await reader.scan(filter, KEYS_AT_ONCE, after)
    for (const { updatedAt, fileId } of page) keys.push({ updatedAt, fileId })
    if (page.length < KEYS_AT_ONCE) break
    after = page.at(-1)?.fileId ?? null
  }
  return keys.sort((a, b) => b.updatedAt - a.updatedAt || (a.fileId < b.fileId ? 1 : -1))
}

/** The first file, and those behind it as long as all of them have few issues. */
const lightFiles = (states: readonly FileState[]): readonly FileState[] => {
  let issues = 0
  const heavy = states.findIndex((state) => {
    issues += state.issues.error.count + state.issues.warning.count
    return issues > ISSUES_OF_A_KIND
  })
  return heavy < 0 ? states : states.slice(0, Math.max(1, heavy))
}

const firstIssues = async (
  reader: Pick<ProgressReader, 'issues'>,
  state: FileState,
  kind: IssueKind,
): Promise<readonly StoredIssue[]> => {
  const wanted = Math.min(state.issues[kind].count, ISSUES_OF_A_KIND)
  const issues = wanted === 0 ? [] : await reader.issues(state, kind, null, wanted, null)
  let characters = 0
  const beyond = issues.findIndex(({ message }) => {
    characters += message.length
    return characters > CHARACTERS_OF_A_KIND
  })
  return beyond < 0 ? issues : issues.slice(0, beyond)
}
