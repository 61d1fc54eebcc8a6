import type { FileId } from '@pebbles/core'

/** What a page belongs to: a cursor is good for the very same route, client and filters only. */
export interface PageScope {
  readonly digest: string
  /** The known parameters as they were given, without the cursor. */
  readonly parameters: ReadonlyMap<string, string>
}

export type Position = readonly (number | string)[]

/** Neither the cursor nor the size of a page changes what is listed. */
const NOT_A_FILTER = new Set(['cursor', 'limit'])

export const pageScope = (route: string, client: string, parameters: ReadonlyMap<string, string>): PageScope => {
  const kept = [...parameters].filter(([name]) => name !== 'cursor')
  const filters = kept.filter(([name]) => !NOT_A_FILTER.has(name)).sort(([a], [b]) => (a < b ? -1 : 1))
  return { digest: digestOf(JSON.stringify([route, client, filters])), parameters: new Map(kept) }
}

/** Where the next page of a list begins: after this file. */
export const listCursor = (page: PageScope, last: { readonly updatedAt: number; readonly fileId: FileId }): string =>
  encodeCursor(page, [last.updatedAt, last.fileId])

/** Where the next page of issues begins. */
export const issuesCursor = (page: PageScope, last: { readonly version: number; readonly index: number }): string =>
  encodeCursor(page, [last.version, last.index])

/** Where the next page of a history begins. */
export const historyCursor = (page: PageScope, lastVersion: number): string => encodeCursor(page, [lastVersion])

/** The query of the next page, with its `?` and every filter kept: what a `Link` header needs behind the path. */
export const nextQuery = (page: PageScope, cursor: string): string =>
  `?${[...page.parameters, ['cursor', cursor] as const]
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')}`

/** The position behind a cursor, or null when it is not one of this page, to the letter. */
export const decodeCursor = (page: PageScope, text: string): Position | null => {
  if (text.length > MAX_CURSOR || !/^[A-Za-z0-9_-]+$/.test(text)) return null
  try {
    const [digest, ...position]: unknown[] = JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/')))
    if (digest !== page.digest || !position.every(isPart)) return null
    return encodeCursor(page, position) === text ? position : null
  } catch {
    return null
  }
}

const MAX_CURSOR = 1_024

const encodeCursor = (page: PageScope, position: Position): string =>
  btoa(JSON.stringify([page.digest, ...position]))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')

const isPart = (part: unknown): part is number | string =>
  Number.isSafeInteger(part) || (typeof part === 'string' && /^[\x21-\x7e]{1,128}$/.test(part))

/**
 * 64 bits in two hashes (FNV-1a, two seeds). It keeps a cursor from being used where it does not belong by mistake; who forges
 * one gets a page of what the query lists anyway, as the client and the filters never come out of it.
 */
const digestOf = (text: string): string => {
  let a = 0x811c9dc5
  let b = 0x9747b28c
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    a = Math.imul(a ^ unit, 0x01000193)
    b = Math.imul(b ^ unit, 0x01000193)
    b ^= b >>> 15
  }
  return (a >>> 0).toString(36) + (b >>> 0).toString(36)
}
