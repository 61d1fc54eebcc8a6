import type { RejectedMessage } from '@pebbles/core'

/** So many messages of a channel for the store's list, each of another origin. */
export const keptOf = (channel: RejectedMessage['channel'], count: number): RejectedMessage[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ origin: `${channel}/${index}`, channel, updateId: `derived:${channel}-${index}` },
    ...{ code: 'NOT_OWNER', reason: 'why', at: 1_000, sentAt: 900, attempts: 1 },
    ...{ body: new Uint8Array([123]), key: null, headers: [] },
  }))
