import type { DatabaseSync } from 'node:sqlite'
import type { IssueKind, PatternRow } from '@pebbles/core'
import { prepareQuery } from './query.ts'

/** A file's pattern table of one kind, by number. */
export const prepareTables = (db: DatabaseSync): ((stream: number, kind: IssueKind) => readonly PatternRow[]) => {
  const rows = prepareQuery(
    db,
    'SELECT no, template, count, merged_into FROM pattern WHERE stream = ? AND kind = ? ORDER BY no',
  )
  return (stream, kind) =>
    rows.all(stream, kind).map(([no, template, count, into]) => ({
      no: no as number,
      template: template as string,
      count: count as number,
      ...(into === null ? {} : { into: into as number }),
    }))
}
