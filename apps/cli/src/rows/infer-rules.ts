import type { ColumnRule, ColumnRules, ValueType } from './column-rules.ts'
import type { SourceRow } from './source-row.ts'
import { isDate, isInteger, isNumber } from './value-types.ts'

/** Below this share a column has no type; above it, the rest are mistakes. */
const TYPE_SHARE = 0.9
const REQUIRED_SHARE = 0.98
const LEAST_VALUES = 10
const ENUM_VALUES_MAX = 12
const ENUM_REPEATS_MIN = 5

/**
 * What the columns seem to want, learned from their first rows, in which some may be broken already. Types that do not
 * fit will be errors; what is only a habit (always filled, few words, all different) will be warnings.
 */
export const inferRules = (columns: readonly string[], sample: readonly SourceRow[]): ColumnRules => {
  const rows = sample.filter((row) => 'cells' in row && row.cells.length === columns.length)
  return new Map(
    columns.flatMap((column, at): (readonly [string, ColumnRule])[] => {
      const cells = rows.map((row) => ('cells' in row ? (row.cells[at] ?? '').trim() : ''))
      const rule = inferRule(column, cells)
      return rule === null ? [] : [[column, rule]]
    }),
  )
}

const inferRule = (column: string, cells: readonly string[]): ColumnRule | null => {
  const values = cells.filter((cell) => cell !== '')
  if (values.length < LEAST_VALUES) return null
  const type = inferType(values)
  const distinct = countDistinct(values)
  const rule: ColumnRule = {
    ...(type === 'text' ? {} : { type }),
    ...(values.length >= cells.length * REQUIRED_SHARE ? { required: true } : {}),
    ...(type === 'text' ? inferEnum(distinct, values) : {}),
    ...(isIdName(column) && distinct.size >= values.length * REQUIRED_SHARE ? { unique: true } : {}),
  }
  return Object.keys(rule).length === 0 ? null : { ...rule, severity: 'warning' }
}

const inferType = (values: readonly string[]): ValueType => {
  const most = (holds: (value: string) => boolean): boolean => values.filter(holds).length >= values.length * TYPE_SHARE
  // Digits with a zero in front are a code, such as a postcode, and no number.
  if (values.some((value) => /^0\d+$/.test(value))) return most(isDate) ? 'date' : 'text'
  if (most(isNumber)) return values.some((value) => isNumber(value) && !isInteger(value)) ? 'number' : 'integer'
  return most(isDate) ? 'date' : 'text'
}

/** A few words, each of them all along the rows: in a file that is sorted by them, the rest is still to come. */
const inferEnum = (distinct: ReadonlyMap<string, number>, values: readonly string[]): ColumnRule => {
  const usual = [...distinct].filter(([, count]) => count >= ENUM_REPEATS_MIN)
  const covered = usual.reduce((sum, [, count]) => sum + count, 0)
  if (usual.length < 2 || usual.length > ENUM_VALUES_MAX || covered < values.length * REQUIRED_SHARE) return {}
  const half = Math.floor(values.length / 2)
  const [early, late] = [new Set(values.slice(0, half)), new Set(values.slice(half))]
  return usual.every(([word]) => early.has(word) && late.has(word)) ? { enum: usual.map(([word]) => word).sort() } : {}
}

const countDistinct = (values: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

const isIdName = (column: string): boolean => /^(?:id|uuid|key|iata)$/i.test(column)
