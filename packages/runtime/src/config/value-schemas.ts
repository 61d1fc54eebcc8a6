import { createPublicKey, type KeyObject } from 'node:crypto'
import { parseClientKrn } from '@pebbles/core'
import { z } from 'zod'

// What variables may be. Each message continues the sentence that begins with the variable.

export const text = z.string().min(1)
export const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^[0-9]{1,15}$/, 'is not a whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `is not between ${least} and ${most}`)
export const flag = z
  .enum(['true', 'false'], { error: 'is neither true nor false' })
  .transform((value) => value === 'true')
export const oneOf = <const Words extends readonly [string, ...string[]]>(...words: Words) =>
  z.enum(words, { error: `is none of ${words.join(', ')}` })
export const address = z
  .string()
  .refine((value) => /^https?:$/.test(URL.parse(value)?.protocol ?? ''), {
    error: 'is not an http or https URL',
    abort: true,
  })
  .refine((value) => {
    const { username, password } = new URL(value)
    return username + password === ''
  }, 'has a user or a password in it, which do not belong there')
/** What paths are added to. */
export const base = address
  .refine((value) => !/[?#]/.test(value), 'has a query or a fragment, and links are made with it')
  .transform((value) => value.replace(/\/+$/, ''))
export const instant = z
  .string()
  .refine((value) => isInstant(value), 'is not a date such as 2027-01-31 or 2027-01-31T12:00:00Z')
  .transform((value) => Date.parse(value))
export const bytes = whole(1024, 1024 ** 3)
export const pattern = z.string().transform((value, context) => {
  try {
    // By itself first: `a)|(?:b` is whole only within the brackets, and would get out of them.
    new RegExp(value, 'u')
    // Anchored, so that a pattern for a part cannot let a whole through.
    return new RegExp(`^(?:${value})$`, 'u')
  } catch {
    context.addIssue({ code: 'custom', message: 'is not a regular expression' })
    return z.NEVER
  }
})
export const krn = z
  .string()
  .refine((value) => parseClientKrn(value) !== undefined, 'is not a KRN such as krn:acme:client:prod-001')
export const publicKey = z
  .string()
  .transform((value) => value.replaceAll('\\n', '\n'))
  .refine((value) => value.includes('-----BEGIN'), { error: 'is not a PEM public key', abort: true })
  .refine((value) => !value.includes('PRIVATE KEY'), {
    error: 'is a private key, which nobody but the issuer of tokens should have',
    abort: true,
  })
  .refine((value) => isPublicKey(value), { error: 'cannot be read as a public key', abort: true })
  .refine((value) => verifies(createPublicKey(value)), 'is no key for RS, PS or ES algorithms')
export const servers = z
  .string()
  .transform((value) => value.split(',').map((server) => server.trim()))
  .refine((value) => value.every((server) => isServer(server)), 'is not a list of host:port')
export const topic = z
  .string()
  .regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/, 'is not the name of one topic: letters, digits and . _ -')
export const origins = z
  .string()
  .transform((value) => (value.trim() === '*' ? ('*' as const) : value.split(',').map((origin) => origin.trim())))
  .refine(
    (value) => value === '*' || value.every((origin) => URL.parse(origin)?.origin === origin),
    'is neither * nor a list of origins',
  )
export const rate = z
  .string()
  .regex(/^[1-9][0-9]{0,8}\/[1-9][0-9]{0,5}$/, 'is not requests/seconds')
  .transform((value) => {
    const [requests = 0, seconds = 0] = value.split('/').map(Number)
    return { requests, seconds }
  })

/** With a zone, so that it means the same on every machine, and on a day that exists. */
const isInstant = (value: string): boolean => {
  const [, day = ''] = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/.exec(value) ?? []
  const midnight = new Date(day)
  return !Number.isNaN(Date.parse(value)) && midnight.getTime() > 0 && midnight.toISOString().startsWith(day)
}

const isPublicKey = (pem: string): boolean => {
  try {
    createPublicKey(pem)
    return true
  } catch {
    return false
  }
}

const CURVES = ['prime256v1', 'secp384r1', 'secp521r1']

const verifies = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean =>
  asymmetricKeyType === 'ec'
    ? CURVES.includes(asymmetricKeyDetails?.namedCurve ?? '')
    : asymmetricKeyType === 'rsa' || asymmetricKeyType === 'rsa-pss'

const isServer = (server: string): boolean => {
  const [, port] = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})$/.exec(server) ?? []
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535
}
