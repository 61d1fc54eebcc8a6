declare const brand: unique symbol

/** Who reports: the email of a token or a message. Compared byte for byte, case is not folded. */
export type Email = string & { readonly [brand]: 'Email' }

const MAX_LENGTH = 320

/** Accepts any non-empty well-formed text up to 320 characters without control characters; no mail syntax is asked for. */
export const parseEmail = (value: unknown): Email | undefined => {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_LENGTH) return undefined
  if (!value.isWellFormed() || /[\u0000-\u001f\u007f-\u009f]/.test(value)) return undefined
  return value as Email
}
