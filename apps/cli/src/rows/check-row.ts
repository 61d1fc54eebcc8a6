import type { ColumnRule, ColumnRules, Severity } from './column-rules.ts'
import type { SourceRow } from './source-row.ts'
import { isDate, isInteger, isNumber } from './value-types.ts'

export interface RowIssue {
  readonly severity: Severity
  readonly message: string
}

/** Checks one row after another; remembers what must be unique. */
export type RowChecker = (row: SourceRow) => readonly RowIssue[]

/** More offences of one row are counted in one. */
const ISSUES_OF_A_ROW = 5
/** So many different values are remembered of a column that must be unique; later ones go unchecked. */
const UNIQUE_MAX = 1_000_000
const VALUE_SHOWN = 80

export const createRowChecker = (columns: readonly string[], rules: ColumnRules): RowChecker => {
  const checks = columns.flatMap((column, at) => {
    const rule = rules.get(column)
    return rule === undefined ? [] : [{ at, check: createCellCheck(column, rule) }]
  })
  return (row) => {
    if ('problem' in row) return [{ severity: 'error', message: row.problem }]
    if (row.cells.length !== columns.length)
      return [{ severity: 'error', message: `The row has ${row.cells.length} columns instead of ${columns.length}` }]
    const issues: RowIssue[] = []
    for (const { at, check } of checks) {
      const issue = check(row.cells[at] ?? '', row.line)
      if (issue !== null) issues.push(issue)
    }
    for (const [at, cell] of row.cells.entries())
      if (cell.includes('\ufffd'))
        issues.push({ severity: 'warning', message: `Bytes that are not UTF-8 in column ${quote(columns[at] ?? '')}` })
    if (issues.length <= ISSUES_OF_A_ROW) return issues
    // Errors come first: what is left out must not make a failed row look like a warned one.
    const [first, rest] = [issues.filter(isError), issues.filter((issue) => !isError(issue))]
    const shown = [...first, ...rest].slice(0, ISSUES_OF_A_ROW - 1)
    const severity = first.length > 0 ? 'error' : 'warning'
    return [...shown, { severity, message: `The row has ${issues.length - shown.length} more problems` }]
  }
}

const isError = ({ severity }: RowIssue): boolean => severity === 'error'

type CellCheck = (raw: string, line: number) => RowIssue | null

const createCellCheck = (column: string, rule: ColumnRule): CellCheck => {
  const where = `in column ${quote(column)}`
  const severity = rule.severity ?? 'error'
  const type = typeCheck(column, rule)
  const words = rule.enum === undefined ? null : new Set(rule.enum)
  const pattern = rule.pattern === undefined ? null : new RegExp(`^(?:${rule.pattern})$`, 'u')
  const seen = rule.unique === true ? new Map<string, number>() : null
  return (raw, line) => {
    const value = raw.trim()
    if (value === '') return rule.required === true ? { severity, message: `Missing value ${where}` } : null
    if (type !== null && !type.holds(value))
      return { severity: 'error', message: `Invalid ${type.noun} ${quote(value)} ${where}` }
    const number = Number(value)
    if (rule.min !== undefined && number < rule.min)
      return { severity, message: `Value ${value} is below ${rule.min} ${where}` }
    if (rule.max !== undefined && number > rule.max)
      return { severity, message: `Value ${value} is above ${rule.max} ${where}` }
    if (words !== null && !words.has(value)) return { severity, message: `Unexpected value ${quote(value)} ${where}` }
    if (pattern !== null && !pattern.test(value))
      return { severity, message: `Value ${quote(value)} does not match the pattern ${where}` }
    if (rule.maxLength !== undefined && [...value].length > rule.maxLength)
      return { severity, message: `Value of ${[...value].length} characters is too long ${where}` }
    if (seen === null) return null
    const before = seen.get(value)
    if (before !== undefined)
      return { severity, message: `Duplicate value ${quote(value)} ${where}, first in line ${before}` }
    if (seen.size < UNIQUE_MAX) seen.set(value, line)
    return null
  }
}

const typeCheck = (
  column: string,
  { type }: ColumnRule,
): { readonly noun: string; readonly holds: (value: string) => boolean } | null => {
  if (type === undefined) return null
  switch (type) {
    case 'text':
      return null
    case 'integer':
      return { noun: 'integer', holds: isInteger }
    case 'number':
      return { noun: isMoney(column) ? 'amount' : 'number', holds: isNumber }
    case 'date':
      return { noun: 'date', holds: isDate }
  }
}

const isMoney = (column: string): boolean => /price|amount|cost|gross|budget|sales|salary|income|fee\b/i.test(column)

/** In quotes, cut, and sure to be text that can be sent. */
const quote = (value: string): string =>
  `"${(value.length > VALUE_SHOWN ? `${value.slice(0, VALUE_SHOWN)}…` : value).toWellFormed()}"`
