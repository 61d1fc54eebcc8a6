import { access, constants, stat, statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Config } from '@pebbles/runtime'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { sqliteFile } from '../open-store.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { formatCount } from '../terminal/format-figures.ts'
import { describeInspection } from './check-mongo.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

const LEAST_SQLITE = [3, 51, 3]
const LEAST_FREE_BYTES = 1024 ** 3

/** Where the data lies, and whether it can be read. */
export const checkStore = async (
  config: Config,
  { openStore, inspectStore, openMigration }: Pick<Context, 'openStore' | 'inspectStore' | 'openMigration'>,
): Promise<readonly Finding[]> => {
  if (config.mongoUri !== null) {
    // A server that is not there is told of by the store itself.
    const inspection = await inspectStore(config).catch(() => null)
    const found = inspection === null ? [] : describeInspection(inspection)
    const opened = await checkOpen(config, openStore)
    if (opened.status === 'fail') return [...found, opened]
    return [...found, opened, ...(await checkMigration(config, openMigration))]
  }
  const folder = await checkFolder(config.dataDir)
  const isThere = await exists(sqliteFile(config))
  return [
    checkSqlite(),
    ...folder,
    ...(folder.some(({ status }) => status === 'fail')
      ? []
      : [isThere ? await checkOpen(config, openStore) : ok('store', 'no data yet: it is made at the first start')]),
  ]
}

const checkSqlite = (): Finding => {
  const version = process.versions['sqlite'] ?? '0'
  const parts = version.split('.').map(Number)
  const differing = LEAST_SQLITE.findIndex((least, at) => (parts[at] ?? 0) !== least)
  return differing === -1 || (parts[differing] ?? 0) > (LEAST_SQLITE[differing] ?? 0)
    ? ok('SQLite', version)
    : fail(
        'SQLite',
        `${version} can damage a file that two processes write`,
        `Use a Node.js that brings at least ${LEAST_SQLITE.join('.')}`,
      )
}

const checkOpen = async (config: Config, openStore: Context['openStore']): Promise<Finding> => {
  try {
    await using store = await openStore(config)
    await store.ping()
    const clients = await store.clients()
    const files = clients.reduce((sum, client) => sum + client.files, 0)
    return ok('store', `opens; files: ${formatCount(files)}, clients: ${formatCount(clients.length)}`)
  } catch (error) {
    const next = error instanceof CliError ? error.next : null
    return fail(
      'store',
      escapeText((error as Error).message),
      next ?? 'Nothing was changed in it; look at it before the next start',
    )
  }
}

/** Data of the old version, and an old version that writes still; the rest of `migrate verify` takes its time. */
const checkMigration = async (config: Config, openMigration: Context['openMigration']): Promise<readonly Finding[]> => {
  const faults = await findFaults(config, openMigration)
  if (faults instanceof Error)
    return [
      fail(
        'migration',
        `cannot be looked at: ${escapeText(faults.message)}`,
        'Let this user do what docs/guides/scale.md lists, and check the servers',
      ),
    ]
  if (faults.length === 0) return [ok('migration', 'no trace of the old version')]
  return faults.map(({ code, count, items }) =>
    warn(
      'migration',
      `${code}: ${formatCount(count)}, such as ${escapeText(items[0] ?? '')}`,
      'See "pebbles migrate verify"; most are cured by "pebbles migrate up"',
    ),
  )
}

/** What a server refuses must not keep the rest from being told. */
const findFaults = async (config: Config, openMigration: Context['openMigration']) => {
  try {
    await using migration = await openMigration(config, () => undefined)
    return await migration.verify({ quick: true })
  } catch (error) {
    return error as Error
  }
}

const checkFolder = async (dataDir: string): Promise<readonly Finding[]> => {
  const shown = escapeText(resolve(dataDir))
  const folder = await nearest(resolve(dataDir))
  if (!(await stat(folder)).isDirectory())
    return [fail('data folder', `${escapeText(folder)} is no folder`, 'Set DATA_DIR to a folder')]
  try {
    await access(folder, constants.W_OK | constants.X_OK)
  } catch {
    return [fail('data folder', `${shown} cannot be written by this user`, 'Change its owner, or set DATA_DIR')]
  }
  const { type, bavail, bsize } = await statfs(folder)
  const network = process.platform === 'linux' ? NETWORK_FILE_SYSTEMS[type] : undefined
  const free = bavail * bsize
  return [
    network === undefined
      ? ok('data folder', shown)
      : warn(
          'data folder',
          `${shown} is on ${network}: SQLite's locks are not safe there`,
          'Move DATA_DIR to a local disk',
        ),
    free >= LEAST_FREE_BYTES
      ? ok('free space', `${formatCount(free / 1024 ** 3)} GiB`)
      : warn('free space', `${formatCount(free / 1024 ** 2)} MiB left`, 'Make room: a full disk stops all writes'),
  ]
}

/** By the magic numbers of statfs(2). */
const NETWORK_FILE_SYSTEMS: Readonly<Record<number, string>> = {
  26985: 'NFS',
  20859: 'SMB',
  4283649346: 'CIFS',
  4266872130: 'SMB',
  1397113167: 'AFS',
  16914839: 'a 9p share',
  1702057286: 'a FUSE file system, which may be a network',
  12805120: 'Ceph',
  198183888: 'Lustre',
  18225520: 'GFS2',
}

/** The folder, or where it would be made. */
const nearest = async (folder: string): Promise<string> =>
  (await exists(folder)) || dirname(folder) === folder ? folder : nearest(dirname(folder))

const exists = async (path: string): Promise<boolean> => {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}
