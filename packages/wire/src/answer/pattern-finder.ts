import { type PatternRow, patternValues } from '@pebbles/core'

/** Finds the row that stands for a pattern number now: a pattern that was taken over leads to the one that did. */
export const patternFinder = (table: readonly PatternRow[]): ((no: number) => PatternRow | undefined) => {
  const rows = new Map(table.map((row) => [row.no, row]))
  return (no) => {
    let row = rows.get(no)
    while (row?.into !== undefined) row = rows.get(row.into)
    return row
  }
}

export const valuesOf = (row: PatternRow, message: string): string[] => [...patternValues(row.template, message)]

/** ISO 8601, UTC, with milliseconds. */
export const isoTime = (ms: number): string => new Date(ms).toISOString()
