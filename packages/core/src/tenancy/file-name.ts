declare const brand: unique symbol

/** A file's name within its client, kept exactly as sent: `é` composed and decomposed are two names. */
export type FileName = string & { readonly [brand]: 'FileName' }

const MAX_BYTES = 1024

/** Accepts 1–1024 UTF-8 bytes of well-formed Unicode without C0, DEL or C1 controls. */
export const parseFileName = (value: unknown): FileName | undefined => {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_BYTES) return undefined
  if (!value.isWellFormed() || /[\u0000-\u001f\u007f-\u009f]/.test(value)) return undefined
  return utf8Length(value) <= MAX_BYTES ? (value as FileName) : undefined
}

/**
 * The form in which names are searched: case folded for all scripts, the same on every store.
 * Upper case first, so that ß finds SS; the final sigma is a plain one, so that part of a word matches.
 */
export const foldName = (text: string): string => text.toUpperCase().toLowerCase().replaceAll('ς', 'σ')

const utf8Length = (text: string): number => {
  let bytes = 0
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}
