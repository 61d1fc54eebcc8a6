import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { ServiceError } from '../server.ts'

export interface Download {
  /** Names what and which version; a folder of the cache. */
  readonly name: string
  /** SHA-256 of `manifest`: what was fetched is exactly what was pinned, or it is not used. */
  readonly sha256: string
  readonly fetch: (folder: string) => Promise<void>
  /** The folder within, whose files are pinned. */
  readonly pinned: string
}

/** `PEBBLES_CACHE`, or `~/.cache/pebbles`. */
export const cacheFolder = (): string => process.env['PEBBLES_CACHE'] ?? join(homedir(), '.cache', 'pebbles')

const fetching = new Map<string, Promise<string>>()

/**
 * The folder of a download, fetched once for all processes of this machine. It appears under its name whole and
 * checked, by one rename: two processes that fetch at once do not see each other's half, and the second takes the first's.
 */
export const cached = (download: Download): Promise<string> => {
  const folder = join(cacheFolder(), `${download.name}-${download.sha256.slice(0, 12)}`)
  const known = fetching.get(folder) ?? fetchInto(folder, download)
  fetching.set(folder, known)
  known.catch(() => fetching.delete(folder))
  return known
}

const fetchInto = async (folder: string, { name, sha256, fetch, pinned }: Download): Promise<string> => {
  if (await exists(folder)) return folder
  await mkdir(cacheFolder(), { recursive: true })
  const draft = await mkdtemp(join(cacheFolder(), `.${name}-`))
  try {
    await fetch(draft)
    const found = await manifestDigest(join(draft, pinned))
    if (found !== sha256)
      throw new ServiceError(
        'SERVICE_FAILED',
        `${name} was fetched, but is not what was pinned: ${found}, not ${sha256}`,
      )
    await rename(draft, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error
    })
    return folder
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** SHA-256 over the lines `<sha256> <name>` of a folder's files, by name. */
export const manifestDigest = async (folder: string): Promise<string> => {
  const names = (await readdir(folder)).sort()
  const lines = await Promise.all(names.map(async (name) => `${await fileDigest(join(folder, name))} ${name}\n`))
  return createHash('sha256').update(lines.join('')).digest('hex')
}

const fileDigest = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
