import { type ClientKrn, type Email, parseEmail } from '@pebbles/core'

/** What a verified token says of its bearer. */
export interface Identity {
  readonly email: Email | null
  readonly admin: boolean
  readonly covers: (client: ClientKrn) => boolean
  /** Whom a rate limit counts. */
  readonly subject: string
  /** Seconds since 1970; null for a token without end. */
  readonly expires: number | null
}

export interface ClaimNames {
  readonly email: string
  readonly clients: string
  readonly admin: string
  readonly clientsRequired: boolean
}

export const identityOf = (claims: Readonly<Record<string, unknown>>, names: ClaimNames): Identity => {
  const email = parseEmail(claims[names.email]) ?? null
  const { sub, exp } = claims
  return {
    email,
    admin: claims[names.admin] === true,
    covers: coverage(Object.hasOwn(claims, names.clients) ? claims[names.clients] : undefined, names.clientsRequired),
    subject: typeof sub === 'string' && sub !== '' ? sub : (email ?? 'unnamed'),
    expires: typeof exp === 'number' ? exp : null,
  }
}

/** A claim of a wrong type denies; only its absence leaves a token as wide as it always was. */
const coverage = (claim: unknown, required: boolean): Identity['covers'] => {
  if (claim === undefined) return () => !required
  if (!Array.isArray(claim)) return () => false
  const names = claim.filter((entry): entry is string => typeof entry === 'string')
  const exact = new Set(names)
  // A prefix ends at a colon, so that `krn:acme:client:1` never reaches `krn:acme:client:10`.
  const prefixes = names.filter((name) => name.endsWith(':*')).map((name) => name.slice(0, -1))
  return (client) => exact.has(client) || prefixes.some((prefix) => client.startsWith(prefix))
}
