import type { DataSet } from './data-sets.ts'

export interface BrokenCopy {
  readonly text: string
  /** Counted here, apart from any reader of rows. */
  readonly rows: number
  readonly broken: number
}

/** A copy in which every n-th row is wrong, always the same ones. Rows are neither added nor lost. */
export const breakRows = (text: string, set: DataSet): BrokenCopy =>
  set.file.endsWith('.json') ? breakJson(text, set) : breakCsv(text, set)

const isBroken = (at: number, { breakEvery }: DataSet): boolean => breakEvery > 0 && at % breakEvery === breakEvery - 1

const breakJson = (text: string, set: DataSet): BrokenCopy => {
  const rows = JSON.parse(text) as readonly Readonly<Record<string, unknown>>[]
  let broken = 0
  const lines = rows.map((row, at) => {
    if (set.spoil === undefined || !isBroken(at, set)) return JSON.stringify(row)
    broken++
    return JSON.stringify({ ...row, [set.spoil.column]: set.spoil.value })
  })
  return { text: `[\n${lines.join(',\n')}\n]\n`, rows: rows.length, broken }
}

const breakCsv = (text: string, set: DataSet): BrokenCopy => {
  const [header = '', ...rows] = text.split(/\r?\n/).filter((line) => line !== '')
  const column = set.spoil === undefined ? -1 : header.split(',').indexOf(set.spoil.column)
  let broken = 0
  const lines = rows.map((line, at) => {
    // A line with quotes would need a parser, and this is to be none.
    if (!isBroken(at, set) || line.includes('"')) return line
    broken++
    const cells = line.split(',')
    return (column === -1 ? cells.slice(0, -1) : cells.with(column, `"${set.spoil?.value ?? ''}"`)).join(',')
  })
  return { text: [header, ...lines, ''].join('\n'), rows: rows.length, broken }
}
