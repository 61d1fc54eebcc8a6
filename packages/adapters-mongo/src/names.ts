import type { ClientKrn, FileName } from '@pebbles/core'
import type { Filter } from 'mongodb'

/** A file's name, with its client: in every filter on `progress` and `progress_former`. */
export interface Name {
  readonly client: ClientKrn
  readonly filename: FileName
}

/** In a filter, null finds also what has no such field, which the driver's types do not know. */
export const NO_CLIENT = null as unknown as ClientKrn

/** Whose documents: the legacy client has those without a client, too, wherever such documents can be. */
export interface Tenancy {
  readonly legacyClient: ClientKrn
  readonly sharded: boolean
}

export const ofClient = ({ legacyClient, sharded }: Tenancy, client: ClientKrn): ClientKrn | { $in: ClientKrn[] } =>
  client === legacyClient && !sharded ? { $in: [client, NO_CLIENT] } : client

interface PartOfClient {
  readonly clientKrn: ClientKrn
  readonly homeClient?: { readonly $in: ClientKrn[] }
}

/**
 * The same in parts, for reads in an order: each is to be read to its end before the next. A server that reads both at
 * once, merged, misses a document that changes from the one to the other just then.
 */
export const partsOfClient = ({ legacyClient, sharded }: Tenancy, client: ClientKrn): readonly PartOfClient[] => {
  const own = { clientKrn: client }
  if (client !== legacyClient || sharded) return [own]
  return [{ clientKrn: NO_CLIENT, homeClient: { $in: [NO_CLIENT, client] } }, own]
}

/**
 * Whether a document that was found for the legacy client is another's: one that has no client now, and remembers whose
 * it was. A roll back took the client away, and the next `pebbles migrate up` gives it back.
 */
export const isOfAnother = (
  { legacyClient }: Pick<Tenancy, 'legacyClient'>,
  { clientKrn, homeClient }: { readonly clientKrn?: string | null; readonly homeClient?: string | null },
): boolean => (clientKrn ?? null) === null && (homeClient ?? legacyClient) !== legacyClient

const CLIENTS_AT_ONCE = 500

/**
 * Names in parts, each for one read of many: a server plans each branch of a query for itself, and takes seconds for
 * those of thousands of clients.
 */
export const partsOfNames = <T extends Name>(names: readonly T[]): readonly (readonly T[])[] => {
  const byClient = [...Map.groupBy(names, ({ client }) => client).values()]
  return Array.from({ length: Math.ceil(byClient.length / CLIENTS_AT_ONCE) }, (_, part) =>
    byClient.slice(part * CLIENTS_AT_ONCE, (part + 1) * CLIENTS_AT_ONCE).flat(),
  )
}

/** A read of many names: one branch for each client. */
export const ofNames = <T>(
  names: readonly Name[],
  clientFilter: (client: ClientKrn) => unknown,
  more: object,
): Filter<T> => {
  const byClient = new Map<ClientKrn, FileName[]>()
  for (const { client, filename } of names) {
    const known = byClient.get(client)
    if (known === undefined) byClient.set(client, [filename])
    else known.push(filename)
  }
  const branches = [...byClient].map(([client, filenames]) => ({
    clientKrn: clientFilter(client),
    filename: filenames.length === 1 ? filenames[0] : { $in: filenames },
    ...more,
  }))
  return (branches.length === 1 ? branches[0] : { $or: branches }) as Filter<T>
}
