import type { Collection, CreateIndexesOptions, Document, IndexDescription } from 'mongodb'
import type { Collections } from './collections.ts'

/** A hint: without it a server weighs several indexes anew for each branch of a look-up of many files. */
export const BY_UPDATE = 'pebbles_update'

/**
 * Of a collection of millions an index takes minutes; a server that is gone is noticed by the heartbeat. The driver knows
 * this option for every command, and its types for none.
 */
export const PATIENT = { socketTimeoutMS: 0 } as CreateIndexesOptions

/**
 * Makes what is missing. Nothing is dropped here, so several versions can start side by side. On a sharded cluster
 * each unique index begins with its collection's shard key, a hashed key counting as its field.
 */
export const createIndexes = async ({
  progress,
  journal,
  chunks,
  tables,
  former,
  behind,
  rejected,
}: Collections): Promise<void> => {
  await Promise.all([
    make(progress, [
      // One file for each name: a first update reserves it. Old documents, of which a name may have several, stay out.
      {
        key: { clientKrn: 1, filename: 1 },
        name: 'pebbles_name',
        unique: true,
        partialFilterExpression: { fileId: { $exists: true } },
      },
      // Look-ups of a name, which must see old documents, too: a partial index does not serve them.
      { key: { clientKrn: 1, filename: 1, fileId: 1 }, name: 'pebbles_lookup' },
      // Lists, newest first, in a total order.
      { key: { clientKrn: 1, updatedAt: -1, _id: -1 }, name: 'pebbles_newest' },
      // Exports, in an order that updates do not disturb.
      { key: { clientKrn: 1, _id: 1 }, name: 'pebbles_scan' },
      // Lists of one owner; as published in the migration guide, and under the name that it gets there.
      { key: { clientKrn: 1, email: 1 }, name: 'clientKrn_1_email_1' },
      // The feed; its look at the last seconds is answered from the index alone.
      {
        key: { changedAt: 1, fileId: 1, version: 1 },
        name: 'pebbles_changed',
        partialFilterExpression: { changedAt: { $exists: true } },
      },
      // The sweep: from the journal to the document.
      { key: { fileId: 1 }, name: 'pebbles_file', sparse: true },
      // The sweep: reservations and unfinished adoptions. Holds a handful of documents at any time.
      { key: { version: 1 }, name: 'pebbles_unfinished', partialFilterExpression: { version: 0 } },
    ]),
    make(journal, [
      // A repeated update cannot be applied, whatever goes wrong around it.
      { key: { fileId: 1, 'updates.id': 1 }, name: BY_UPDATE, unique: true },
      // Issues of a kind or of a pattern, by page. Entries without issues are not in it.
      {
        key: { fileId: 1, touched: 1, version: 1 },
        name: 'pebbles_issues',
        partialFilterExpression: { touched: { $exists: true } },
      },
      // The sweep: the newest version of every file written since the mark, from the index alone.
      { key: { at: 1, fileId: 1, version: 1 }, name: 'pebbles_since' },
    ]),
    // A page of an entry's issues; and the purge.
    make(chunks, [{ key: { fileId: 1, version: 1, set: 1, kind: 1, to: 1 }, name: 'pebbles_chunks' }]),
    // One table for each file and kind.
    make(tables, [{ key: { fileId: 1, kind: 1 }, name: 'pebbles_table', unique: true }]),
    make(former, [
      // One row for each life; and its look-up by name.
      { key: { clientKrn: 1, filename: 1, fileId: 1 }, name: 'pebbles_life', unique: true },
      // The purge.
      { key: { at: 1 }, name: 'pebbles_age' },
      // The feed.
      {
        key: { changedAt: 1, fileId: 1, state: 1 },
        name: 'pebbles_changed',
        partialFilterExpression: { changedAt: { $exists: true } },
      },
    ]),
    make(behind, [
      // Before each read: of a client, or of one name. Under the name that sharding gives it.
      { key: { clientKrn: 1, filename: 1 }, name: 'clientKrn_1_filename_1' },
      // The sweep.
      { key: { at: 1 }, name: 'pebbles_age' },
    ]),
    make(rejected, [
      // A delivery is kept once.
      { key: { origin: 1 }, name: 'pebbles_origin', unique: true },
      // The list, by page.
      { key: { no: 1 }, name: 'pebbles_number', unique: true },
      // The same of one channel; and how much there is, from the index alone.
      { key: { channel: 1, no: 1, bytes: 1 }, name: 'pebbles_channel' },
    ]),
  ])
}

const make = <T extends Document>(collection: Collection<T>, indexes: readonly IndexDescription[]): Promise<string[]> =>
  collection.createIndexes([...indexes], PATIENT)
