/** A query that was read, or why it is refused and what to say. */
export type Parsed<T> =
  | { readonly ok: true; readonly query: T }
  | { readonly ok: false; readonly code: 'INVALID_QUERY' | 'INVALID_CURSOR'; readonly detail: string }

export const invalidQuery = (detail: string): Extract<Parsed<never>, { ok: false }> => ({
  ok: false,
  code: 'INVALID_QUERY',
  detail,
})

/**
 * Reads the known parameters of a raw query string (what stands behind `?`). Strict: a known one that is malformed or
 * given twice refuses the query; all others are ignored, whatever they hold.
 */
export const readParameters = (raw: string, known: readonly string[]): Parsed<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>()
  for (const pair of raw.split('&')) {
    const equals = pair.indexOf('=')
    const name = decodeForm(equals < 0 ? pair : pair.slice(0, equals))
    if (name === null || !known.includes(name)) continue
    if (found.has(name)) return invalidQuery(`The parameter ${name} is given twice`)
    const value = decodeForm(equals < 0 ? '' : pair.slice(equals + 1))
    if (value === null) return invalidQuery(`The parameter ${name} is not percent-encoded UTF-8`)
    found.set(name, value)
  }
  return { ok: true, query: found }
}

/** Decodes one segment of a raw path; null when it is not percent-encoded UTF-8. Here `+` is a plus. */
export const decodeSegment = (raw: string): string | null => {
  if (!raw.isWellFormed()) return null
  try {
    // Fatal by itself: a broken escape or invalid UTF-8 throws.
    return decodeURIComponent(raw)
  } catch {
    return null
  }
}

const decodeForm = (raw: string): string | null => decodeSegment(raw.replaceAll('+', ' '))
