import type { HttpSettings } from '../settings.ts'
import type { HttpContext } from './http-context.ts'

type ProxySettings = Pick<HttpSettings, 'publicUrl' | 'trustProxy'>

const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/

/**
 * Where callers reach this server, for absolute links: PUBLIC_URL if set, else what the request says. A Host that is
 * no plain host name is not repeated (`a@evil` would send the caller elsewhere): the link is relative then.
 */
export const originOf = (ctx: HttpContext, { publicUrl, trustProxy }: ProxySettings): string => {
  if (publicUrl !== null) return publicUrl
  const host = (trustProxy ? forwarded(ctx, 'x-forwarded-host') : undefined) ?? ctx.req.headers.host ?? ''
  if (!HOST.test(host)) return ''
  const scheme = trustProxy && forwarded(ctx, 'x-forwarded-proto') === 'https' ? 'https' : 'http'
  return `${scheme}://${host}`
}

/** The address that a request comes from: behind a proxy the one that the proxy saw. */
export const addressOf = (ctx: HttpContext, { trustProxy }: Pick<ProxySettings, 'trustProxy'>): string =>
  (trustProxy ? forwarded(ctx, 'x-forwarded-for') : undefined) ?? ctx.req.socket.remoteAddress ?? 'unknown'

/** The last entry: the trusted proxy appended it, and what stands before it may be the caller's own. */
const forwarded = (ctx: HttpContext, name: string): string | undefined => {
  const header = ctx.req.headers[name]
  return (Array.isArray(header) ? header.join(',') : header)?.split(',').at(-1)?.trim() || undefined
}
