import { AsyncLocalStorage } from 'node:async_hooks'
import { ACROSS_CLIENTS, ADOPTION, FEED, MIGRATION, MOVE, SWEEP } from '../src/across-clients.ts'
import type { CommandWatch } from '../src/index.ts'
import { LEGACY } from './legacy-client.ts'

type Fields = Readonly<Record<string, unknown>>
/** As much of the driver's events as is looked at, so that a test can make some up. */
export interface Started {
  readonly commandName: string
  readonly requestId: number
  readonly command: Fields
}
export interface Succeeded {
  readonly requestId: number
  readonly reply: unknown
}

export interface CommandGuard extends Required<Pick<CommandWatch, 'started' | 'succeeded'>> {
  readonly see: (event: Started) => void
  readonly answer: (event: Succeeded) => void
  /** Does what one client asks for, alone: whatever is read meanwhile, by it, must be that client's. */
  readonly asking: <T>(client: string, work: () => T) => T
  /** What was asked for and must not be, in words. */
  readonly breaches: readonly string[]
  /** Throws when there is a breach, or it saw no command, and so held nobody: what a file of tests ends with. */
  readonly check: () => void
}

/** The change stream, only where nothing is sharded: it tells the ids of documents, and nothing of what is in them. */
const EVERY_COLLECTION = '1'

const ALLOWED = new Set([
  ...['find', 'getMore', 'killCursors', 'aggregate', 'insert', 'update', 'delete', 'createIndexes'],
  ...['hello', 'ping', 'endSessions', 'shardingState'],
  // Only what began as a transaction ends as one, and that is looked at below.
  ...['commitTransaction', 'abortTransaction'],
])
const ENDS = new Set(['commitTransaction', 'abortTransaction'])
/** The migration changes what is not sharded, for every client, and says so in each command. */
const ONLY_MIGRATION = new Set(['listIndexes', 'dropIndexes'])
const STAGES = ['$out', '$merge', '$lookup', '$graphLookup', '$unionWith']

/** Fields that a write names exactly, by collection: the shard key, which also says whose the document is. */
export const KEYS: Readonly<Record<string, readonly string[]>> = {
  progress: ['clientKrn', 'filename'],
  progress_former: ['clientKrn', 'filename'],
  progress_behind: ['clientKrn', 'filename'],
  journal: ['fileId'],
  patterns: ['fileId'],
  journal_issues: ['fileId', 'version'],
}
const BY_CLIENT = new Set(['progress', 'progress_former', 'progress_behind'])
const UNSHARDED = new Set(['settings', 'rejected'])

/**
 * Holds every command to two things: that a sharded cluster can serve it, and that it asks for one client's data, by
 * the client or by a fileId that was read under that client before. What does neither says so in its comment. A command
 * on a journal names no client, and updates of several go together: there any client will do, unless it is known whose
 * request this is.
 */
export const createCommandGuard = (): CommandGuard => {
  const breaches: string[] = []
  const requests = new AsyncLocalStorage<string>()
  /** fileIds that came back for a client, or were made for one, with whose they are; and those that the sweep read. */
  const known = new Map<string, Set<string>>()
  const swept = new Set<string>()
  const waiting = new Map<number, Asked>()
  const cursors = new Map<string, Asked>()
  const learn = (id: unknown, clients: readonly string[]): void => {
    known.set(String(id), (known.get(String(id)) ?? new Set()).union(new Set(clients)))
  }

  let seen = 0
  const see = ({ commandName, requestId, command }: Started): void => {
    seen += 1
    const collection = String(commandName === 'getMore' ? command['collection'] : command[commandName])
    const breach = (what: string): void => {
      breaches.push(`${commandName} ${collection}: ${what} in ${JSON.stringify(command).slice(0, 600)}`)
    }
    const migrates = command['comment'] === MIGRATION
    if (!ALLOWED.has(commandName) && !(migrates && ONLY_MIGRATION.has(commandName))) {
      breach('this command is not for shards')
      return
    }
    const inTransaction = command['startTransaction'] !== undefined || command['autocommit'] !== undefined
    if (inTransaction && !ENDS.has(commandName) && command['comment'] !== MOVE) breach('a transaction')
    for (const stage of (command['pipeline'] as Fields[] | undefined) ?? [])
      for (const name of STAGES) if (name in stage) breach(`a stage ${name}`)

    if (commandName === 'getMore') {
      const into = cursors.get(String(command['getMore']))
      if (into !== undefined) waiting.set(requestId, into)
    }
    if (migrates) {
      if (commandName === 'find' || commandName === 'aggregate') waiting.set(requestId, [LEGACY])
      return
    }
    if (!(collection in KEYS)) {
      const [first, ...more] = (command['pipeline'] as Fields[] | undefined) ?? []
      const isStream = first !== undefined && '$changeStream' in first && command['comment'] === FEED
      if (isStream && collection === EVERY_COLLECTION && '$project' in (more.at(-1) ?? {})) return
      if (['find', 'aggregate', 'insert', 'update', 'delete'].includes(commandName) && !UNSHARDED.has(collection))
        breach('a collection that nobody knows')
      return
    }
    const keys = KEYS[collection] ?? []
    const comment = typeof command['comment'] === 'string' ? command['comment'] : ''
    const across = ACROSS_CLIENTS.includes(comment)
    const mine = (id: unknown, client: string | undefined = undefined): boolean => {
      const clients = known.get(String(id))
      return clients !== undefined && (client === undefined || clients.has(client))
    }
    const sweeps = (id: unknown): boolean => swept.has(String(id))

    const documents = command['documents'] as Fields[] | undefined
    const writes = [...((command['updates'] ?? []) as Fields[]), ...((command['deletes'] ?? []) as Fields[])]
    if ((documents?.length ?? writes.length) > 1 && command['ordered'] !== false) breach('an ordered bulk')
    for (const document of documents ?? []) {
      for (const key of keys) if (!isExact(document[key])) breach(`an insert without ${key}`)
      if (collection === 'progress') learn(document['fileId'], [String(document['clientKrn'])])
      else if (!BY_CLIENT.has(collection) && !mine(document['fileId']) && !sweeps(document['fileId']))
        breach('a fileId that was not read under a client')
    }
    for (const write of writes) {
      const filter = write['q'] as Fields
      const change = (write['u'] ?? {}) as Readonly<Record<string, Fields | undefined>>
      if (write['multi'] === true) breach('an update of many')
      if (comment === ADOPTION) {
        learn(filter['_id'], [String(change['$set']?.['clientKrn'] ?? filter['clientKrn'] ?? LEGACY)])
        continue
      }
      for (const key of keys) {
        if (!isExact(filter[key])) breach(`a write that does not name ${key} exactly`)
        for (const operator of Object.values(change))
          if (operator !== undefined && key in operator) breach(`a write that changes ${key}`)
      }
      const id = filter['fileId']
      const client = BY_CLIENT.has(collection) ? String(filter['clientKrn']) : undefined
      if ((client === undefined || isExact(id)) && !across && !mine(id, client) && !sweeps(id))
        breach('a fileId that was not read under a client')
    }

    if (commandName === 'find' || commandName === 'aggregate') {
      const filter = (command['filter'] ??
        (command['pipeline'] as Fields[] | undefined)?.[0]?.['$match'] ??
        {}) as Fields
      const asking = requests.getStore()
      const named = (part: Fields): boolean =>
        BY_CLIENT.has(collection)
          ? namesClient(part['clientKrn'], asking)
          : everyId(part['fileId'], (id) => mine(id, asking)) || (comment === SWEEP && everyId(part['fileId'], sweeps))
      const owned = (part: Fields): boolean =>
        named(part) || (Array.isArray(part['$or']) && part['$or'].every((branch: Fields) => owned(branch)))
      if (!across && !owned(filter)) breach('a read that names no client')
      if (BY_CLIENT.has(collection)) waiting.set(requestId, across ? 'everybody' : clientsIn(filter))
    }
  }

  const answer = ({ requestId, reply }: Succeeded): void => {
    const into = waiting.get(requestId)
    waiting.delete(requestId)
    if (into === undefined) return
    const { cursor } = reply as { cursor?: { id?: unknown; firstBatch?: Fields[]; nextBatch?: Fields[] } }
    if (String(cursor?.id ?? 0) !== '0') cursors.set(String(cursor?.id), into)
    for (const document of cursor?.firstBatch ?? cursor?.nextBatch ?? []) {
      const lives = (document['former'] as Fields[] | undefined) ?? []
      const ids = [document['fileId'], document['_id'], ...lives.map((life) => life['fileId'])]
      const whose = typeof document['clientKrn'] === 'string' ? [document['clientKrn']] : into
      for (const id of ids)
        if (id !== undefined) {
          if (into === 'everybody') swept.add(String(id))
          else learn(id, whose === 'everybody' ? [] : whose)
        }
    }
  }
  return {
    see,
    answer,
    asking: (client, work) => requests.run(client, work),
    breaches,
    check: () => {
      if (seen === 0) throw new Error('the guard saw no command')
      if (breaches.length > 0) throw new Error(breaches.slice(0, 5).join('\n'))
    },
    started: (event) => see({ ...pick(event), commandName: event.commandName }),
    succeeded: (event) => answer(event),
  }
}

/** The clients that a command asked for; or it looks after everybody's, and what it finds is nobody's to read. */
type Asked = readonly string[] | 'everybody'

const pick = ({ requestId, command }: { requestId: number; command: Fields }) => ({ requestId, command })

/** A value, not a condition on one. */
const isExact = (value: unknown): boolean => typeof value === 'string' || typeof value === 'number'

/** One client, and where it is known whose request this is, that one. */
const namesClient = (value: unknown, asking: string | undefined): boolean => {
  const client = clientOf(value)
  return client !== undefined && (asking === undefined || client === asking)
}

/** The one that has the documents without a client is named with them, or by them alone. */
const clientOf = (value: unknown): string | undefined => {
  if (value === null) return LEGACY
  const list = (value as { readonly $in?: readonly unknown[] } | undefined)?.$in ?? [value]
  const [client, without] = list
  return typeof client === 'string' && list.length < 3 && (without ?? null) === null ? client : undefined
}

/** The clients that a read names, of which each document that comes back without one may be. */
const clientsIn = (filter: Fields): readonly string[] =>
  'clientKrn' in filter
    ? [clientOf(filter['clientKrn']) ?? '']
    : ((filter['$or'] as Fields[] | undefined) ?? []).flatMap(clientsIn)

const everyId = (value: unknown, is: (id: unknown) => boolean): boolean => {
  if (typeof value === 'string') return is(value)
  const list = (value as { readonly $in?: readonly unknown[] } | undefined)?.$in
  return list?.every(is) ?? false
}
