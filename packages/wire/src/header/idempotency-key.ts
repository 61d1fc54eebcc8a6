/** A key, none (null), or what to say of a malformed one. */
export type ParsedKey =
  | { readonly ok: true; readonly key: string | null }
  | { readonly ok: false; readonly detail: string }

const KEY = /^[\x20-\x7e]{1,255}$/
/** RFC 8941 strings escape quotes and backslashes, and nothing else. Parameters may follow and mean nothing here. */
const STRUCTURED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"(?:;.*)?$/

/**
 * Reads `Idempotency-Key`: 1–255 printable ASCII characters, bare or as a structured string; `abc` and `"abc"` are one
 * key. No header is no key.
 */
export const parseIdempotencyKey = (header: string | undefined): ParsedKey => {
  if (header === undefined) return { ok: true, key: null }
  const text = header.trim()
  const key = text.startsWith('"') ? STRUCTURED.exec(text)?.[1]?.replace(/\\(.)/g, '$1') : text
  if (key === undefined || !KEY.test(key))
    return { ok: false, detail: 'Idempotency-Key must be 1 to 255 printable ASCII characters' }
  return { ok: true, key }
}
