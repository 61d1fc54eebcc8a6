import type { Clock, IssueColumns, IssueKind, UpdateEntry } from '@pebbles/core'
import { ISSUE_KINDS } from '@pebbles/core'

/** An entry's issues as they are stored. */
export interface PackedIssues {
  readonly chunks: readonly IssueChunk[]
  readonly places: readonly PatternPlaces[]
}

/** Some of an entry's issues of one kind, in one row. */
export interface IssueChunk {
  readonly kind: IssueKind
  /** From 0 within entry and kind. */
  readonly no: number
  /** Index of the chunk's last issue within entry and kind. */
  readonly last: number
  readonly body: string
}

/** What `body` holds, as JSON. */
export type ChunkBody = readonly [lines: (number | null)[], messages: string[], patterns: number[]]

/**
 * The chunks of an entry that hold issues of a pattern: bit n of byte m stands for chunk 8m + n, null for chunk 0 alone.
 * Bits, as 1,000 patterns in 1,000 chunks would be a million rows.
 */
export interface PatternPlaces {
  readonly kind: IssueKind
  readonly pattern: number
  readonly chunks: Uint8Array | null
}

/** The numbers that `PatternPlaces.chunks` stands for. */
export const chunkNumbers = (bits: Uint8Array | null): readonly number[] => {
  if (bits === null) return [0]
  const numbers: number[] = []
  for (const [index, byte] of bits.entries()) {
    for (let bit = 0; bit < 8; bit += 1) if ((byte & (1 << bit)) !== 0) numbers.push(index * 8 + bit)
  }
  return numbers
}

const MOST_ISSUES = 256
const MOST_CHARACTERS = 65_536
/** So many are packed in a few milliseconds; after that others get a turn. */
const PAUSE_AFTER_ISSUES = 8_192
const PAUSE_AFTER_CHARACTERS = 1_048_576

export const NO_ISSUES: PackedIssues = { chunks: [], places: [] }

/** Nothing is awaited when the issues are few, so that the common update takes no detour. */
export const packIssues = (issues: UpdateEntry['issues'], clock: Clock): PackedIssues | Promise<PackedIssues> => {
  const count = issues.error.messages.length + issues.warning.messages.length
  if (count === 0) return NO_ISSUES
  const packing = startPacking(issues)
  if (count > PAUSE_AFTER_ISSUES) return packInTurns(packing, clock)
  while (packing.packChunk() !== null);
  return packing.finish()
}

const packInTurns = async (packing: Packing, clock: Clock): Promise<PackedIssues> => {
  let issues = 0
  let characters = 0
  for (let chunk = packing.packChunk(); chunk !== null; chunk = packing.packChunk()) {
    issues += MOST_ISSUES
    characters += chunk.body.length
    if (issues < PAUSE_AFTER_ISSUES && characters < PAUSE_AFTER_CHARACTERS) continue
    issues = 0
    characters = 0
    await clock.pause()
  }
  return packing.finish()
}

interface Packing {
  readonly packChunk: () => IssueChunk | null
  readonly finish: () => PackedIssues
}

const startPacking = (issues: UpdateEntry['issues']): Packing => {
  const chunks: IssueChunk[] = []
  const numbers = new Map(ISSUE_KINDS.map((kind) => [kind, new Map<number, number[]>()]))
  let [kind, ...kindsLeft] = ISSUE_KINDS
  let first = 0
  let no = 0
  return {
    packChunk: () => {
      while (kind !== undefined && first >= issues[kind].messages.length) {
        ;[kind, ...kindsLeft] = kindsLeft
        first = 0
        no = 0
      }
      if (kind === undefined) return null
      const { lines, messages, patterns } = issues[kind]
      const end = endOfChunk(messages, first)
      const body: ChunkBody = [lines.slice(first, end), messages.slice(first, end), patterns.slice(first, end)]
      for (const pattern of new Set(body[2])) {
        const known = numbers.get(kind)?.get(pattern)
        if (known === undefined) numbers.get(kind)?.set(pattern, [no])
        else known.push(no)
      }
      const chunk = { kind, no, last: end - 1, body: JSON.stringify(body) }
      chunks.push(chunk)
      first = end
      no += 1
      return chunk
    },
    finish: () => ({
      chunks,
      places: ISSUE_KINDS.flatMap((of) =>
        [...(numbers.get(of) ?? [])].map(([pattern, chunkNos]) => ({ kind: of, pattern, chunks: toBits(chunkNos) })),
      ),
    }),
  }
}

const toBits = (chunkNos: readonly number[]): Uint8Array | null => {
  const greatest = chunkNos.at(-1) ?? 0
  if (greatest === 0) return null
  const bits = new Uint8Array((greatest >> 3) + 1)
  for (const no of chunkNos) bits[no >> 3] = (bits[no >> 3] ?? 0) | (1 << (no & 7))
  return bits
}

const endOfChunk = (messages: IssueColumns['messages'], first: number): number => {
  let characters = 0
  let end = first
  while (end < messages.length && end - first < MOST_ISSUES) {
    characters += (messages[end] as string).length
    if (end > first && characters > MOST_CHARACTERS) break
    end += 1
  }
  return end
}
