import type { KeptMessage, RejectedMessages } from '@pebbles/core'
import { type DeadLetterRow, rowOfKept } from './dead-letter.ts'

export interface ReplayRejectedDeps {
  /** Null: this store keeps none. */
  readonly rejected: RejectedMessages | null
  readonly channel: KeptMessage['channel']
  /** One answer for each: true when its queue has it again. */
  readonly send: (messages: readonly KeptMessage[]) => Promise<readonly boolean[]>
}

/** What became of dead letters that were to be sent again. */
export interface Replayed {
  readonly replayed: number
  /** So many their queue did not take: they are among the dead letters still. */
  readonly left: number
  /** So many came after it began, by the clock of their queue: they are for the next run. */
  readonly newer?: number
  /** Why it ended before it had looked at all; what was sent until then was sent. */
  readonly stopped?: string
}

/** So many are in memory at once, of 8 MiB and more each. */
const PAGE = 10

/** The oldest of the kept messages of one channel, and how many there are. */
export const listRejected = async (
  rejected: RejectedMessages | null,
  channel: KeptMessage['channel'],
  limit: number,
): Promise<{ readonly total: number; readonly rows: readonly DeadLetterRow[] }> => {
  if (rejected === null) return { total: 0, rows: [] }
  const rows: DeadLetterRow[] = []
  for (let after = 0; rows.length < limit; ) {
    const page = await rejected.list(Math.min(PAGE, limit - rows.length), after, channel)
    const last = page.at(-1)
    if (last === undefined) break
    after = last.no
    rows.push(...page.map(rowOfKept))
  }
  return { total: (await rejected.size(channel)).messages, rows }
}

/** Sends the kept messages of one channel again, oldest first, and forgets those that were sent. */
export const replayRejected = async ({ rejected, channel, send }: ReplayRejectedDeps): Promise<Replayed> => {
  let [replayed, left] = [0, 0]
  if (rejected === null) return { replayed, left }
  // By places, not by times: what comes back during a run is left for the next, whichever clock is ahead.
  const end = await rejected.last(channel)
  for (let after = 0; after < end; ) {
    const page = (await rejected.list(PAGE, after, channel)).filter(({ no }) => no <= end)
    after = page.at(-1)?.no ?? end
    const due = page.filter(isWhole)
    left += page.length - due.length
    if (due.length === 0) continue
    const sent = await send(due)
    const done = due.filter((_, index) => sent[index] === true)
    // Killed between the two, it is sent twice, and counts once: by its update id.
    await rejected.drop(done.map(({ no }) => no))
    replayed += done.length
    left += due.length - done.length
  }
  return { replayed, left }
}

/** Of a message that was too large to be kept only the facts are here: sent again it would be another. */
const isWhole = ({ body, code }: KeptMessage): boolean => body !== null || code === 'EMPTY_MESSAGE'
