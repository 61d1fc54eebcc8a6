import { InvalidArgumentError } from 'commander'

const COUNT_MAX = Number.MAX_SAFE_INTEGER

export const parseText = (text: string): string => {
  if (text === '') throw new InvalidArgumentError('It is empty.')
  if (!text.isWellFormed()) throw new InvalidArgumentError('It is no valid text.')
  return text
}

/** A whole number from 0. */
export const parseCount = (text: string): number => {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count > COUNT_MAX)
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${COUNT_MAX}.`)
  return count
}

/** A whole number from 1. */
export const parseLimit = (text: string): number => {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < 1 || count > COUNT_MAX)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${COUNT_MAX}.`)
  return count
}

export const parsePort = (text: string): number => {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('It must be a whole number from 0 to 65535.')
  return port
}

export const parsePercent = (text: string): number => {
  const percent = Number(text.replace(/%$/, ''))
  if (!/^\d+(?:\.\d+)?%?$/.test(text) || percent > 100)
    throw new InvalidArgumentError('It must be a number from 0 to 100.')
  return percent
}

/** One ASCII character, or `tab`. */
export const parseDelimiter = (text: string): string => {
  const delimiter = text === 'tab' || text === '\\t' ? '\t' : text
  if (!/^[\t\u0020-\u007e]$/.test(delimiter) || /["\w]/.test(delimiter))
    throw new InvalidArgumentError('It must be one character such as ; or |, or the word tab.')
  return delimiter
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A length of time in ms: `500ms`, `2s`, `5m`, `1h`; a number alone is in seconds. */
export const parseMs = (text: string): number => {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text) ?? []
  const ms = Number(number) * (UNIT_MS[unit] ?? 0)
  if (number === undefined || ms < 10 || ms > 2 ** 31 - 1)
    throw new InvalidArgumentError('It must be a length of time such as 500ms, 2s or 5m.')
  return Math.round(ms)
}

/** Seconds from now; infinite for never, as commander takes null for no value. */
export const parseExpiry = (text: string): number => {
  if (text === 'never') return Number.POSITIVE_INFINITY
  const [, number, unit = ''] = /^(\d+)(s|m|h|d)$/.exec(text) ?? []
  const seconds = (Number(number) * (UNIT_MS[unit] ?? 0)) / 1000
  if (number === undefined || seconds < 1 || seconds > 100 * 366 * 86_400)
    throw new InvalidArgumentError('It must be a length of time such as 15m, 12h or 30d, or never.')
  return seconds
}

/** An option that may be given more than once. */
export const collect =
  (parse: (text: string) => string) =>
  (text: string, before: readonly string[] = []): readonly string[] => [...before, parse(text)]
