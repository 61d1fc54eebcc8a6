import { widthOf } from './fit-text.ts'

export interface TableColumn {
  readonly title: string
  readonly align?: 'left' | 'right'
}

/** Rows of escaped text under their titles, columns two spaces apart; the last column is not filled up. */
export const formatTable = (columns: readonly TableColumn[], rows: readonly (readonly string[])[]): string => {
  const widths = columns.map(({ title }, at) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[at] ?? '')), widthOf(title)),
  )
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, at) => {
        const cell = cells[at] ?? ''
        const gap = ' '.repeat((widths[at] ?? 0) - widthOf(cell))
        return align === 'right' ? gap + cell : cell + gap
      })
      .join('  ')
      .trimEnd()
  return [line(columns.map(({ title }) => title)), ...rows.map(line)].join('\n')
}
