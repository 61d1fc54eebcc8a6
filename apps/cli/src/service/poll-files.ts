import type { ProgressRecord } from '@pebbles/wire'
import type { Connection } from './connection.ts'
import { clientPath, request } from './request.ts'

/** The newest files of a client, or those with a text in their name; null when nothing has changed since the last call. */
export type PollFiles = (signal: AbortSignal) => Promise<readonly ProgressRecord[] | null>

const WATCHED_MAX = 200
/** A longer text is not searched for by the service. */
const SEARCH_MAX = 256

export const createPoll = (connection: Connection, client: string, search?: string): PollFiles => {
  const q = search !== undefined && search.length <= SEARCH_MAX ? search : undefined
  let etag: string | null = null
  return async (signal) => {
    const { status, body, headers } = await request(connection, {
      path: clientPath(client, '', { q, limit: WATCHED_MAX }),
      headers: etag === null ? {} : { 'If-None-Match': etag },
      signal,
    })
    if (status === 304) return null
    etag = headers.get('etag')
    return body as readonly ProgressRecord[]
  }
}
