import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { escapeText } from '../terminal/escape-text.ts'

export type ValueType = 'text' | 'number' | 'integer' | 'date'
export type Severity = 'error' | 'warning'

/** What the values of one column must be; an empty value only offends `required`. */
export interface ColumnRule {
  readonly type?: ValueType
  readonly required?: boolean
  readonly enum?: readonly string[]
  /** A regular expression for the whole value. */
  readonly pattern?: string
  readonly min?: number
  readonly max?: number
  /** In characters. */
  readonly maxLength?: number
  readonly unique?: boolean
  /** What an offence other than against the type counts as; `error` unless said. */
  readonly severity?: Severity
}

/** Rules by the column's name. */
export type ColumnRules = ReadonlyMap<string, ColumnRule>

type Check = readonly [holds: (value: unknown) => boolean, must: string]

const isOneOf =
  (...words: readonly string[]): Check[0] =>
  (value) =>
    typeof value === 'string' && words.includes(value)
const FLAG: Check = [(value) => typeof value === 'boolean', 'true or false']
const NUMBER: Check = [(value) => typeof value === 'number' && Number.isFinite(value), 'a number']

const MEMBERS: Readonly<Record<keyof ColumnRule, Check>> = {
  type: [isOneOf('text', 'number', 'integer', 'date'), '"text", "number", "integer" or "date"'],
  required: FLAG,
  enum: [
    (value) => Array.isArray(value) && value.length > 0 && value.every((entry) => typeof entry === 'string'),
    'a list of texts',
  ],
  pattern: [(value) => typeof value === 'string' && isPattern(value), 'a regular expression'],
  min: NUMBER,
  max: NUMBER,
  maxLength: [(value) => typeof value === 'number' && Number.isInteger(value) && value > 0, 'a whole number above 0'],
  unique: FLAG,
  severity: [isOneOf('error', 'warning'), '"error" or "warning"'],
}

/** Reads `{"columns": {"price": {"type": "number", "min": 0}}}`; whatever it does not know is an error that says where. */
export const parseRules = (text: string, file: string): ColumnRules => {
  const wrong = (problem: string): CliError =>
    new CliError({
      exit: EXIT.data,
      message: `${escapeText(file)}: ${problem}.`,
      next: 'A file to start from: pebbles import FILE --print-rules',
    })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw wrong(`not valid JSON (${escapeText((error as Error).message)})`)
  }
  if (!isObject(value) || !isObject(value['columns'])) throw wrong('must be {"columns": {"<column>": {…rules}}}')
  return new Map(
    Object.entries(value['columns']).map(([column, rule]) => {
      const where = `column ${JSON.stringify(escapeText(column))}`
      if (!isObject(rule)) throw wrong(`${where} must hold an object of rules`)
      for (const [name, member] of Object.entries(rule)) {
        if (!Object.hasOwn(MEMBERS, name))
          throw wrong(
            `${where} has an unknown rule "${escapeText(name)}"; known are ${Object.keys(MEMBERS).join(', ')}`,
          )
        const [holds, must] = MEMBERS[name as keyof ColumnRule]
        if (!holds(member)) throw wrong(`${where}: "${name}" must be ${must}`)
      }
      return [column, rule as ColumnRule]
    }),
  )
}

/** The text that `parseRules` reads. */
export const renderRules = (rules: ColumnRules): string =>
  `${JSON.stringify({ columns: Object.fromEntries(rules) }, null, 2)}\n`

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isPattern = (text: string): boolean => {
  try {
    new RegExp(text, 'u')
    return true
  } catch {
    return false
  }
}
