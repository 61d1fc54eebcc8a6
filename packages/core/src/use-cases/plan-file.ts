import type { PatternRow, PatternTable } from '../patterns/pattern-table.ts'
import type { Clock } from '../ports/clock.ts'
import type { Change, KnownUpdate, Opened, OpenRequest } from '../ports/progress-store.ts'
import { decide, type Standing } from '../progress/decide.ts'
import { createEntryDraft, type EntryDraft } from '../progress/entry-draft.ts'
import { evolve } from '../progress/evolve.ts'
import type { ByKind, Issue, IssueKind } from '../progress/issue.ts'
import { ISSUE_KINDS } from '../progress/issue.ts'
import type { RecordUpdate } from '../progress/update.ts'
import { fileKey } from '../tenancy/file-key.ts'
import type { Outcome, TouchedIssues } from './outcome.ts'
import { createSlicer, isPlain, type PendingUpdate } from './pending-update.ts'
import type { TableCache } from './table-cache.ts'

/** What one file's updates of a group come to. Its outcomes hold only once its change is committed. */
export interface FilePlan {
  readonly change: Change | null
  /** A refusal rests on a look-up that left the present life out: open again, thoroughly, before it is given. */
  readonly unsure: boolean
  /** Whether the change holds the update at this place. */
  readonly holds: (place: number) => boolean
  readonly outcomes: () => readonly Outcome[]
  /** Puts the pattern tables back; called when the change is committed, or when there was none. */
  readonly keepTables: () => void
}

/** The open files that can be planned; the rest is tried again later. */
export type Plannable = Exclude<Opened, { kind: 'busy' }>

export const openRequest = (items: readonly PendingUpdate[], thorough: boolean, cache: TableCache): OpenRequest => {
  const [first] = items
  if (first === undefined) throw new Error('a file without updates')
  const { client, filename, email } = first.command
  const tables: { -readonly [K in IssueKind]?: number } = {}
  for (const kind of ISSUE_KINDS) {
    if (items.some((item) => (item.masked?.[kind].length ?? 0) > 0)) tables[kind] = cache.version(first.file, kind)
  }
  return { client, filename, email, ids: items.map((item) => item.command.id), thorough, tables }
}

export const planFile = async (
  items: readonly PendingUpdate[],
  opened: Plannable,
  cache: TableCache,
  clock: Clock,
): Promise<FilePlan | null> => {
  const tables = takeTables(items, opened, cache)
  if (tables === null) return null
  const before = opened.kind === 'live' ? opened.state : null
  const at = Math.max(clock.now(), before?.updatedAt ?? 0)
  const draft =
    opened.kind === 'refused'
      ? null
      : createEntryDraft(before, {
          fileId: opened.kind === 'live' ? opened.state.fileId : opened.fileId,
          version: (before?.version ?? 0) + 1,
          at,
        })
  const verdicts: Verdict[] = []
  const inGroup = createGroupIds(items, verdicts)
  const slice = createSlicer(clock)
  let unsure = false

  for (let place = 0; place < items.length; place += 1) {
    const item = items[place] as PendingUpdate
    const { command, masked } = item
    const verdict = judge(command, opened, draft, inGroup.find(command.id) ?? opened.known.get(command.id))
    verdicts.push(verdict)
    if (verdict.kind === 'refused') unsure ||= opened.kind === 'live' && !opened.thorough
    if (verdict.kind !== 'applied' || draft === null) continue
    draft.join(command)
    inGroup.add(command.id, place)
    verdict.file = draft.standing()
    if (masked === null || isPlain(command)) continue
    for (const kind of ISSUE_KINDS) {
      const table = tables[kind]
      const messages = masked[kind]
      if (table === undefined || messages.length === 0) continue
      verdict.numbers = { ...verdict.numbers, [kind]: [] }
      for (const [index, message] of messages.entries()) {
        const issue = issuesOf(command, kind)[index] as Issue
        const number = table.add(message)
        draft.addIssue(kind, issue.line, issue.message, number)
        verdict.numbers[kind].push(number)
        const pause = slice(0)
        if (pause !== undefined) await pause
      }
    }
  }

  const change =
    draft === null || draft.isEmpty() || opened.kind === 'refused' ? null : changeOf(items, opened, draft, tables)
  const file = change?.after ?? before
  return {
    change,
    unsure,
    holds: (place) => verdicts[place]?.kind === 'applied',
    outcomes: () => items.map((item, index) => outcomeOf(item, verdicts[index] as Verdict, file, tables)),
    keepTables: () => {
      for (const kind of ISSUE_KINDS) {
        const table = tables[kind]
        if (table !== undefined && file !== null) cache.put(fileKey(file), kind, file, table)
      }
    },
  }
}

type Verdict =
  | { readonly kind: 'applied'; readonly created: boolean; file: Standing | null; numbers: ByKind<number[]> }
  | { readonly kind: 'duplicate'; readonly known: KnownUpdate }
  | { readonly kind: 'refused'; readonly code: Extract<Outcome, { kind: 'refused' }>['code'] }

/** Most updates bring no issue: they share this one, which nobody writes. */
const NO_NUMBERS: ByKind<number[]> = { error: [], warning: [] }

/** The updates of a group by their ids. Most groups bring a file one only, and most ids never meet another. */
const createGroupIds = (items: readonly PendingUpdate[], verdicts: readonly Verdict[]) => {
  const places = items.length > 1 ? new Map<string, number>() : null
  return {
    add: (id: string, place: number): void => void places?.set(id, place),
    find: (id: string): KnownUpdate | undefined => {
      const place = places?.get(id)
      if (place === undefined) return undefined
      const { hash, email } = (items[place] as PendingUpdate).command
      const verdict = verdicts[place] as Verdict
      return { hash, email, created: verdict.kind === 'applied' && verdict.created, life: 'present' }
    },
  }
}

const judge = (
  command: RecordUpdate,
  opened: Plannable,
  draft: EntryDraft | null,
  known: KnownUpdate | undefined,
): Verdict => {
  // A key is its user's own: under another email it is as good as never used, and the owner's rule decides.
  if (known !== undefined && known.email === command.email) {
    return known.hash === command.hash
      ? { kind: 'duplicate', known }
      : { kind: 'refused', code: 'IDEMPOTENCY_KEY_REUSED' }
  }
  if (opened.kind === 'refused') return { kind: 'refused', code: opened.code }
  const standing = draft?.standing() ?? null
  const code = decide(standing, command)
  if (code !== null) return { kind: 'refused', code }
  return { kind: 'applied', created: standing === null, file: null, numbers: NO_NUMBERS }
}

const changeOf = (
  items: readonly PendingUpdate[],
  opened: Exclude<Plannable, { kind: 'refused' }>,
  draft: EntryDraft,
  tables: Partial<ByKind<PatternTable>>,
): Extract<Change, { kind: 'update' }> => {
  const entry = draft.finish(tables)
  if (opened.kind === 'live') return { kind: 'update', before: opened.state, after: evolve(opened.state, entry), entry }
  const { client, filename } = (items[0] as PendingUpdate).command
  return { kind: 'update', before: null, after: evolve({ client, filename, former: opened.former }, entry), entry }
}

/** Null when a table that was left out of the answer is not the one kept here: the file must be opened again. */
const takeTables = (
  items: readonly PendingUpdate[],
  opened: Plannable,
  cache: TableCache,
): Partial<ByKind<PatternTable>> | null => {
  const tables: { -readonly [K in IssueKind]?: PatternTable } = {}
  const [first] = items
  if (opened.kind === 'refused' || first === undefined) return tables
  for (const kind of ISSUE_KINDS) {
    if (!items.some((item) => (item.masked?.[kind].length ?? 0) > 0)) continue
    const state = opened.kind === 'live' ? opened.state : null
    const table = cache.take(first.file, kind, state, opened.kind === 'live' ? opened.tables[kind] : [])
    if (table === undefined) return null
    tables[kind] = table
  }
  return tables
}

const issuesOf = (command: RecordUpdate, kind: IssueKind): readonly Issue[] =>
  kind === 'error' ? command.errors : command.warnings

const outcomeOf = (
  item: PendingUpdate,
  verdict: Verdict,
  file: Standing | null,
  tables: Partial<ByKind<PatternTable>>,
): Outcome => {
  if (verdict.kind === 'refused') return verdict
  if (verdict.kind === 'applied' && verdict.numbers === NO_NUMBERS)
    return { kind: 'applied', created: verdict.created, file: verdict.file as Standing, touched: NO_TOUCHED }
  const touched = (kind: IssueKind): TouchedIssues => {
    const table = tables[kind]
    if (table === undefined) return NOTHING_TOUCHED
    const numbers =
      verdict.kind === 'applied'
        ? verdict.numbers[kind]
        : mapRuns(item.masked?.[kind] ?? [], (masked) => table.match(masked))
    return touchedIssues(table, numbers)
  }
  if (verdict.kind === 'applied') {
    return {
      kind: 'applied',
      created: verdict.created,
      file: verdict.file as Standing,
      touched: { error: touched('error'), warning: touched('warning') },
    }
  }
  const { life, created } = verdict.known
  if (life !== 'present') return { kind: 'duplicate', life, created }
  const seen = { created, file: file as Standing, touched: { error: touched('error'), warning: touched('warning') } }
  return item.attempted ? { kind: 'applied', ...seen } : { kind: 'duplicate', life, ...seen }
}

const NOTHING_TOUCHED: TouchedIssues = { numbers: [], rows: new Map() }
const NO_TOUCHED: ByKind<TouchedIssues> = { error: NOTHING_TOUCHED, warning: NOTHING_TOUCHED }

const touchedIssues = (table: PatternTable, numbers: readonly number[]): TouchedIssues => {
  const rows = new Map<number, PatternRow>()
  const resolved = mapRuns(numbers, (no) => {
    const oldest = table.resolve(no)
    const row = rows.has(oldest) ? undefined : table.row(oldest)
    if (row !== undefined) rows.set(oldest, row)
    return oldest
  })
  return { numbers: resolved, rows }
}

/** Most issues of a large update are like the one before: each run of equal values is looked at once. */
const mapRuns = <T, U>(values: readonly T[], look: (value: T) => U): U[] => {
  let before: { readonly value: T; readonly found: U } | undefined
  return values.map((value) => {
    if (before === undefined || before.value !== value) before = { value, found: look(value) }
    return before.found
  })
}
