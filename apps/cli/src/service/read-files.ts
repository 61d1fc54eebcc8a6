import type { ClientRow, FullRecord, IssueRow, ProgressRecord } from '@pebbles/wire'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'
import { escapeText } from '../terminal/escape-text.ts'
import type { Connection } from './connection.ts'
import { clientPath, request } from './request.ts'
import { ServiceError } from './service-error.ts'

export interface FileFilter {
  readonly status?: string
  readonly q?: string
  readonly email?: string
  readonly limit: number
}

const PAGE = 1_000
/** So many clients are asked one by one for a file before a name must be given. */
const CLIENTS_ASKED_MAX = 100

/** The client that was given, or all that the token may see, most recently updated first. */
export const clientsOf = async (
  connection: Connection,
  given: string | undefined,
): Promise<readonly Pick<ClientRow, 'clientKrn' | 'lastUpdate'>[]> => {
  if (given !== undefined) return [{ clientKrn: given, lastUpdate: '' }]
  try {
    const { body } = await request(connection, { path: '/clients' })
    return body as readonly ClientRow[]
  } catch (error) {
    if (error instanceof ServiceError && (error.status === 401 || error.status === 403))
      throw new CliError({
        exit: EXIT.usage,
        message: "Which client? Only an administrator's token may see them all.",
        next: 'Name one: --client krn:acme:client:prod-001',
        cause: error,
      })
    throw error
  }
}

/** Newest first, up to the limit, page by page. */
export const listFiles = async (
  connection: Connection,
  client: string,
  filter: FileFilter,
): Promise<readonly ProgressRecord[]> => {
  const { limit, ...query } = filter
  const first = clientPath(client, '', { ...query, limit: Math.min(limit, PAGE) })
  return readPages<ProgressRecord>(connection, first, limit)
}

/** Every issue of a pattern, in order of arrival, up to the limit. */
export const listIssues = (
  connection: Connection,
  client: string,
  query: { readonly filename: string; readonly kind: 'error' | 'warning'; readonly pattern: string },
  limit: number,
): Promise<readonly IssueRow[]> =>
  readPages<IssueRow>(connection, clientPath(client, '/issues', { ...query, limit: Math.min(limit, PAGE) }), limit)

/** One file whole, of the client that is given or of the only one that has it. */
export const readFile = async (
  connection: Connection,
  filename: string,
  client: string | undefined,
): Promise<FullRecord> => {
  if (client !== undefined) return readRecord(connection, client, filename)
  const clients = await clientsOf(connection, undefined)
  if (clients.length > CLIENTS_ASKED_MAX)
    throw new CliError({
      exit: EXIT.usage,
      message: `Which of the ${clients.length} clients?`,
      next: 'Name one: --client krn:acme:client:prod-001',
    })
  const found: FullRecord[] = []
  for (const { clientKrn } of clients) {
    try {
      found.push(await readRecord(connection, clientKrn, filename))
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== 'PROGRESS_NOT_FOUND') throw error
    }
  }
  const [record] = found
  if (record !== undefined && found.length === 1) return record
  throw new CliError(
    record === undefined
      ? {
          exit: EXIT.failed,
          code: 'PROGRESS_NOT_FOUND',
          message: `No client has a file "${escapeText(filename)}".`,
          next: '"pebbles list" shows what there is.',
        }
      : {
          exit: EXIT.usage,
          message: `${found.length} clients have a file "${escapeText(filename)}": ${found.map(({ clientKrn }) => clientKrn).join(', ')}.`,
          next: 'Name one of them with --client.',
        },
  )
}

const readRecord = async (connection: Connection, client: string, filename: string): Promise<FullRecord> =>
  (await request(connection, { path: clientPath(client, '', { filename }) })).body as FullRecord

const readPages = async <Row>(connection: Connection, first: string, limit: number): Promise<readonly Row[]> => {
  const rows: Row[] = []
  for (let path: string | null = first; path !== null && rows.length < limit; ) {
    const { body, headers }: { body: unknown; headers: Headers } = await request(connection, { path })
    rows.push(...(body as readonly Row[]))
    path = nextPath(headers.get('link'))
  }
  return rows.slice(0, limit)
}

/** Only the path of the link is taken: its host is what the server believes to be called, which may be reached by another. */
const nextPath = (link: string | null): string | null => {
  const target = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? '')?.[1]
  const url = target === undefined ? null : URL.parse(target, 'http://localhost')
  const at = url?.pathname.indexOf('/clients/') ?? -1
  return url === null || at === -1 ? null : url.pathname.slice(at) + url.search
}
