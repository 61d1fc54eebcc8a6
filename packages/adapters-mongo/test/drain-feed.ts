import type { ChangeFeed, FeedEvent } from '@pebbles/core'

/** Everything after a position, by pages, and where it ends. */
export const drain = async (
  feed: ChangeFeed,
  after: string,
  limit = 7,
): Promise<{ events: FeedEvent[]; position: string }> => {
  const events: FeedEvent[] = []
  for (let position = after; ; ) {
    const page = await feed.changes(position, limit)
    if (page === null) throw new Error('the position is known')
    events.push(...page.events)
    position = page.position
    if (page.events.length === 0) return { events, position }
  }
}

export const nameOf = (event: FeedEvent): string => (event.kind === 'changed' ? event.state.filename : event.filename)
