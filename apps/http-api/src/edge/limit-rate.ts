import { isIPv6 } from 'node:net'
import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible'
import type { Authenticate } from '../auth/verify-token.ts'
import type { HttpSettings } from '../settings.ts'
import type { HttpContext } from './http-context.ts'
import { HttpProblem } from './http-problem.ts'
import { addressOf } from './origin.ts'

/** Who may go on with a request, and how often. */
export interface Admission {
  /** A caller with a valid token, counted by its subject wherever it calls from; without one by its address. */
  readonly authenticate: Authenticate
  /** Anybody, counted by the address. */
  readonly admitAnybody: (ctx: HttpContext) => Promise<void>
}

export const createAdmission = (
  authenticate: Authenticate,
  settings: Pick<HttpSettings, 'rateLimit' | 'trustProxy'>,
): Admission => {
  if (settings.rateLimit === null) return { authenticate, admitAnybody: () => Promise.resolve() }
  const count = createRateLimit(settings.rateLimit)
  const admitAnybody: Admission['admitAnybody'] = (ctx) => count(ctx, `address:${network(addressOf(ctx, settings))}`)
  return {
    admitAnybody,
    authenticate: async (ctx) => {
      const identity = await authenticate(ctx).catch(async (refusal: unknown) => {
        await admitAnybody(ctx)
        throw refusal
      })
      await count(ctx, `subject:${identity.subject}`)
      return identity
    },
  }
}

/** Counts one request of a caller, and refuses what is above the limit. */
type CountRequest = (ctx: HttpContext, caller: string) => Promise<void>

const createRateLimit = ({ requests, seconds }: NonNullable<HttpSettings['rateLimit']>): CountRequest => {
  const limiter = new RateLimiterMemory({ points: requests, duration: seconds })
  const policy = `"default";q=${requests};w=${seconds}`
  return async (ctx, caller) => {
    const result = await limiter.consume(caller).catch((over: RateLimiterRes) => over)
    const wait = Math.max(1, Math.ceil(result.msBeforeNext / 1000))
    const left = Math.max(0, requests - result.consumedPoints)
    ctx.set('RateLimit-Policy', policy)
    ctx.set('RateLimit', `"default";r=${left};t=${wait}`)
    if (result.consumedPoints > requests)
      throw new HttpProblem('RATE_LIMITED', { headers: { 'Retry-After': String(wait) } })
  }
}

/** One subscriber holds a whole /64 of IPv6: its single addresses are as good as endless. */
const network = (address: string): string => {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  if (mapped !== undefined) return mapped
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const missing = 8 - groups.length - (tail === '' ? 0 : tail.split(':').length)
    groups.push(...Array.from({ length: Math.max(0, missing) }, () => '0'), ...tail.split(':'))
  }
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group || '0', 16).toString(16))
    .join(':')
}
