import { hash } from 'node:crypto'
import type { HttpSettings } from '../settings.ts'
import type { HttpContext } from './http-context.ts'

/**
 * Sends an answer with an ETag made of its very bytes, so that it changes whenever the answer does (by a write, or by
 * time: a file becomes stalled), and 304 where the caller has it already. The address and the link to the next page are
 * in it, too: no tag of one client, filter or page is ever good for another.
 */
export const sendCacheable = (ctx: HttpContext, value: unknown, settings: Pick<HttpSettings, 'readAuth'>): void => {
  const body = JSON.stringify(value)
  if (isFresh(ctx, body, settings)) return
  ctx.type = 'application/json'
  ctx.body = body
}

/** Gives an answer the ETag of what all of it is made of; true when that is all, as the caller has it already. */
export const isFresh = (ctx: HttpContext, content: string, settings: Pick<HttpSettings, 'readAuth'>): boolean => {
  const link = String(ctx.response.get('Link'))
  const etag = `"${hash('sha256', `${ctx.req.url}\n${link}\n${content}`, 'base64url').slice(0, 27)}"`
  ctx.set('ETag', etag)
  ctx.set('Cache-Control', settings.readAuth === 'jwt' ? 'private, no-cache' : 'no-cache')
  const fresh = matchesETag(ctx.get('If-None-Match'), etag)
  if (fresh) ctx.status = 304
  return fresh
}

export const sendJson = (ctx: HttpContext, value: unknown): void => sendJsonText(ctx, JSON.stringify(value))

export const sendJsonText = (ctx: HttpContext, json: string): void => {
  ctx.set('Cache-Control', 'no-store')
  ctx.type = 'application/json'
  ctx.body = json
}

/** If-None-Match compares weakly, whatever the tags say. */
export const matchesETag = (header: string, etag: string): boolean => {
  if (header === '') return false
  if (header.trim() === '*') return true
  const opaque = etag.replace(/^W\//, '')
  for (const [tag] of header.matchAll(/"[^"]*"/g)) if (tag === opaque) return true
  return false
}
