import type { ByKind, Issue, IssueKind } from '@pebbles/core'
import { ISSUE_KINDS } from '@pebbles/core'
import { Long } from 'mongodb'

/** An issue as the single-tenant version kept it. */
export interface OldIssue {
  readonly line?: number | Long
  readonly message: string
}

/** In the order of arrival, from the first; asked again it gives the same. */
export type IssueSource = (kind: IssueKind) => AsyncIterable<Pick<Issue, 'line' | 'message'>>

/** What goes where a document has no room: its place among the issues of its kind, counted from 1. */
export type RestRow = Pick<Issue, 'line' | 'message'> & { readonly kind: IssueKind; readonly no: number }

/** A document may hold 16 MiB, and the old version will add to it. */
const MOST_BYTES = 8 * 1024 * 1024

/** The old arrays of a document, from the first issue on, up to 8 MiB in all; what has no room goes to `rest`. */
export const fillArrays = async (
  source: IssueSource,
  rest: (row: RestRow) => Promise<void>,
  mostBytes = MOST_BYTES,
): Promise<ByKind<readonly OldIssue[]>> => {
  const error = await fill(source('error'), mostBytes)
  const warning = await fill(source('warning'), mostBytes)
  // Each has half for sure, and what the other leaves.
  const forErrors = Math.max(mostBytes / 2, mostBytes - warning.bytes)
  const kept = {
    error: fitting(error, forErrors),
    warning: fitting(warning, mostBytes - Math.min(error.bytes, forErrors)),
  }
  const whole = { error: error.whole, warning: warning.whole }
  for (const kind of ISSUE_KINDS) {
    if (whole[kind] && kept[kind].length === { error, warning }[kind].issues.length) continue
    let no = 0
    for await (const { line, message } of source(kind)) {
      no += 1
      if (no > kept[kind].length) await rest({ kind, no, line, message })
    }
  }
  return kept
}

interface Filled {
  readonly issues: readonly OldIssue[]
  /** The bytes up to the end of each. */
  readonly ends: readonly number[]
  readonly bytes: number
  readonly whole: boolean
}

const fill = async (source: ReturnType<IssueSource>, mostBytes: number): Promise<Filled> => {
  const issues: OldIssue[] = []
  const ends: number[] = []
  let bytes = 0
  for await (const { line, message } of source) {
    const size = bsonSize(message, line, issues.length)
    if (bytes + size > mostBytes) return { issues, ends, bytes, whole: false }
    bytes += size
    ends.push(bytes)
    issues.push(line === null ? { message } : { line: toInteger(line), message })
  }
  return { issues, ends, bytes, whole: true }
}

const fitting = ({ issues, ends, bytes }: Filled, mostBytes: number): readonly OldIssue[] => {
  if (bytes <= mostBytes) return issues
  const first = ends.findIndex((end) => end > mostBytes)
  return issues.slice(0, first)
}

/** Of an array's element: type, index as text, and a document with a number and a string, by its specification. */
const bsonSize = (message: string, line: number | null, index: number): number =>
  2 + String(index).length + 5 + (line === null ? 0 : 14) + 14 + Buffer.byteLength(message)

const MOST_INT32 = 2 ** 31 - 1

/** The driver writes a number beyond 32 bits as a double, which the old version does not read as an integer. */
export const toInteger = (value: number): number | Long => (value > MOST_INT32 ? Long.fromNumber(value) : value)
