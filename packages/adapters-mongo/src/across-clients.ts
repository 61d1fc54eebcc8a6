/**
 * Every other command carries its client, or a fileId that was read under one. These few do not, and say so in their
 * comment, which a server shows in its profile and its log.
 */

/** An old document has no client yet; it is named by its `_id`. Only where nothing is sharded. */
export const ADOPTION = 'pebbles: adopts an old document'
/** Looks after what any process left half done, whoever's it is. Asks every shard. */
export const SWEEP = 'pebbles: sweep'
/**
 * The live feed is one for all, and who follows it looks at the marks of all; a listener gets what is its client's. Asks
 * every shard.
 */
export const FEED = 'pebbles: feed'
/** `GET /clients`, for an administrator. Asks every shard. */
export const CLIENTS = 'pebbles: lists the clients'
/** Refuses to start where old documents and shards meet. Asks every shard. */
export const START = 'pebbles: looks for documents without a client'
/** `pebbles migrate`: all documents of all clients, by whoever has the store's credentials. Changes unsharded ones only. */
export const MIGRATION = 'pebbles: migrates the database'

/** An operator moves a file from one client to another, in the only transaction there is. */
export const MOVE = 'pebbles: moves a file'

export const ACROSS_CLIENTS: readonly string[] = [ADOPTION, SWEEP, FEED, CLIENTS, START, MOVE, MIGRATION]
