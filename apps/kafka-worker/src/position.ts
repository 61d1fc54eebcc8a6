import { hash } from 'node:crypto'

/** Where a group stands in one partition. */
export interface Place {
  /** The next offset to read; null when nothing is committed. */
  readonly committed: bigint | null
  /** What the last commit said of the record before it. */
  readonly mark: Mark | null
  /** It was left where the topic was found to be made anew, for an operator to decide. */
  readonly isReset: boolean
}

/** Where a group stands in one partition, and what is there. */
export interface Position extends Place {
  /** Nothing is committed any more, though something was. */
  readonly isGone: boolean
  readonly low: bigint
  readonly high: bigint
  /** Where a transaction begins that is open: nothing behind it can be read. Else as `high`. */
  readonly stable: bigint
}

/** Tells a record again: one at the same offset of a topic that was made anew is another. */
export interface Mark {
  readonly offset: bigint
  readonly print: string
}

/**
 * `fine` · `expired`: so many messages went before they were read · `recreated`: this is not the topic that was read ·
 * `look`: it may be; the record of the mark tells.
 */
export type Verdict =
  | { readonly kind: 'fine' }
  | { readonly kind: 'expired'; readonly messages: bigint }
  | { readonly kind: 'recreated' }
  | { readonly kind: 'look'; readonly mark: Mark }

export const judgePosition = ({ committed, mark, isReset, isGone, low, high }: Omit<Position, 'stable'>): Verdict => {
  if (isGone || isReset) return { kind: 'recreated' }
  if (committed === null) return { kind: 'fine' }
  if (committed > high) return { kind: 'recreated' }
  if (committed < low) return { kind: 'expired', messages: low - committed }
  if (mark === null || mark.offset < low || mark.offset >= committed) return { kind: 'fine' }
  return { kind: 'look', mark }
}

export interface MarkedRecord {
  readonly offset: string
  readonly timestamp: string
  readonly value: Uint8Array | null
}

const printOf = ({ timestamp, value }: MarkedRecord): string =>
  `${timestamp}/${value === null ? 'null' : hash('sha256', value, 'hex').slice(0, 16)}`

export const markOf = (record: MarkedRecord): Mark => ({ offset: BigInt(record.offset), print: printOf(record) })

export const writeMark = ({ offset, print }: Mark): string => `pebbles:${offset}:${print}`

/** In the place of a mark: of a topic that was made anew nothing was read yet. */
export const RESET = 'pebbles:reset'

/** Null when somebody else committed. */
export const readMark = (metadata: string | null | undefined): Mark | null => {
  const [, offset, print] = /^pebbles:(\d{1,19}):(.+)$/.exec(metadata ?? '') ?? []
  return offset === undefined || print === undefined ? null : { offset: BigInt(offset), print }
}

export const isMarked = (record: MarkedRecord, mark: Mark): boolean =>
  BigInt(record.offset) === mark.offset && printOf(record) === mark.print
