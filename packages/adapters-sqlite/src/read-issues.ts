import type { DatabaseSync } from 'node:sqlite'
import type { Clock, ProgressReader, StoredIssue } from '@pebbles/core'
import type { Access } from './access.ts'
import { type ChunkBody, chunkNumbers } from './issue-chunks.ts'
import { mergeSources, type Source } from './merge.ts'
import { prepareQuery, type Row } from './query.ts'
import type { Streams } from './streams.ts'
import { readInSlices } from './time-slices.ts'

export interface ReadIssuesDeps {
  readonly db: DatabaseSync
  readonly access: Access
  readonly streams: Streams
  readonly clock: Clock
}

/** Where a chunk stands within stream and kind. */
interface Place {
  readonly version: number
  readonly no: number
}

const ROWS_AT_ONCE = 64

export const prepareIssues = ({ db, access, streams, clock }: ReadIssuesDeps): ProgressReader['issues'] => {
  const placeAfter = prepareQuery(
    db,
    `SELECT version, no FROM issue_chunk
     WHERE stream = ? AND kind = ? AND version = ? AND last > ? ORDER BY no LIMIT 1`,
  )
  const places = prepareQuery(
    db,
    `SELECT version, no FROM issue_chunk
     WHERE stream = ? AND kind = ? AND (version, no) >= (?, ?) AND version <= ? ORDER BY version, no LIMIT ?`,
  )
  const entriesOfPattern = prepareQuery(
    db,
    `SELECT version, chunks FROM issue_pattern
     WHERE stream = ? AND kind = ? AND pattern = ? AND version >= ? AND version <= ? ORDER BY version LIMIT ?`,
  )
  const chunk = prepareQuery(
    db,
    'SELECT last, at, body FROM issue_chunk WHERE stream = ? AND kind = ? AND version = ? AND no = ?',
  )

  return async (ref, kind, patterns, limit, after) => {
    const issues: StoredIssue[] = []
    const start = await access.read(() => {
      const stream = streams.findEver(ref.fileId)
      if (stream === null || after === null) return { stream, from: { version: 0, no: 0 } }
      const row = placeAfter.get(stream, kind, after.version, after.index)
      return { stream, from: row === undefined ? { version: after.version + 1, no: 0 } : toPlace(row) }
    })
    const { stream, from } = start
    if (stream === null) return issues
    const sources: Source<Place>[] =
      patterns === null
        ? [readPlaces(from, (at) => places.all(stream, kind, at.version, at.no, ref.version, ROWS_AT_ONCE))]
        : patterns.map((pattern) =>
            readPlacesOfPattern(from, (at) =>
              entriesOfPattern.all(stream, kind, pattern, at, ref.version, ROWS_AT_ONCE),
            ),
          )
    const merge = mergeSources(sources, isBefore)
    const wanted = patterns === null ? null : new Set(patterns)
    let previous: Place | null = null
    await readInSlices(access, clock, (isTimeUp) => {
      while (issues.length < limit) {
        const next: Place[] = []
        if (!merge.take(next, 1, isTimeUp)) return false
        const [place] = next
        if (place === undefined) return true
        // Two patterns can share a chunk.
        if (place.version === previous?.version && place.no === previous.no) continue
        previous = place
        addIssues(issues, place.version, chunk.get(stream, kind, place.version, place.no) as Row, wanted, after)
      }
      return true
    })
    return issues.slice(0, limit)
  }
}

const toPlace = ([version, no]: Row): Place => ({ version: version as number, no: no as number })

const readPlaces = (from: Place, read: (from: Place) => readonly Row[]): Source<Place> => {
  let at: Place | null = from
  return {
    next: () => {
      if (at === null) return null
      const found = read(at).map(toPlace)
      const last = found.at(-1)
      at = last === undefined || found.length < ROWS_AT_ONCE ? null : { version: last.version, no: last.no + 1 }
      return found
    },
  }
}

/** One entry after the other is unfolded, as one can name a thousand chunks. */
const readPlacesOfPattern = (from: Place, read: (fromVersion: number) => readonly Row[]): Source<Place> => {
  let rows: readonly Row[] = []
  let at = 0
  let nextVersion: number | null = from.version
  return {
    next: () => {
      if (at === rows.length) {
        if (nextVersion === null) return null
        rows = read(nextVersion)
        at = 0
        nextVersion = rows.length < ROWS_AT_ONCE ? null : (rows.at(-1)?.[0] as number) + 1
        if (rows.length === 0) return null
      }
      const [version, bits] = rows[at] as unknown as [number, Uint8Array | null]
      at += 1
      const places = chunkNumbers(bits).map((no) => ({ version, no }))
      return version === from.version ? places.filter(({ no }) => no >= from.no) : places
    },
  }
}

const isBefore = (a: Place, b: Place): boolean => a.version < b.version || (a.version === b.version && a.no < b.no)

const addIssues = (
  issues: StoredIssue[],
  version: number,
  row: Row,
  wanted: ReadonlySet<number> | null,
  after: Pick<StoredIssue, 'version' | 'index'> | null,
): void => {
  const [last, at, body] = row as unknown as [number, number, string]
  const [lines, messages, patterns] = JSON.parse(body) as ChunkBody
  const first = last + 1 - messages.length
  const from = after !== null && after.version === version ? Math.max(0, after.index + 1 - first) : 0
  for (let n = from; n < messages.length; n += 1) {
    const pattern = patterns[n] as number
    if (wanted !== null && !wanted.has(pattern)) continue
    issues.push({
      version,
      index: first + n,
      line: lines[n] as number | null,
      message: messages[n] as string,
      pattern,
      at,
    })
  }
}
