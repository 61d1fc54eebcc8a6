declare const brand: unique symbol

/** A tenant's name, `krn:{company}:{type}:{id}`: parsed, so nobody below the edge checks it again. */
export type ClientKrn = string & { readonly [brand]: 'ClientKrn' }

const SHAPE = /^krn(?::[A-Za-z0-9._~-]{1,64}){2,}$/
const MAX_LENGTH = 256

/**
 * Accepts `krn:` and at least two more segments, at most 256 characters, and keeps them exactly as given:
 * two KRNs are one client only when they are equal byte for byte. `narrowedBy` is the operator's own pattern.
 */
export const parseClientKrn = (text: string, narrowedBy?: RegExp): ClientKrn | undefined => {
  if (text.length > MAX_LENGTH || !SHAPE.test(text)) return undefined
  if (narrowedBy !== undefined && !narrowedBy.test(text)) return undefined
  return text as ClientKrn
}
