import { createHash } from 'node:crypto'
import { Timestamp } from 'mongodb'

/** Something that was told, and when the store wrote it. */
export interface Told {
  readonly at: Timestamp
  /** Names the file and its version; short, as a position lists many. */
  readonly mark: string
}

/** A moment of the store, and what was told of the seconds before it: those are looked at again. */
export interface Place {
  readonly at: Timestamp
  readonly told: readonly Told[]
}

const MARK = 8
/** More would not fit a header well. What is left out may be told again to a listener that comes from elsewhere. */
const LISTED = 32

export const markOf = (fileId: string, version: number | string): string =>
  createHash('sha256').update(`${fileId} ${version}`).digest('base64url').slice(0, MARK)

export const writePosition = (store: string, { at, told }: Place): string => {
  const marks = told.slice(-LISTED).map(({ mark }) => mark)
  return ['mongo', store, at.getHighBitsUnsigned(), at.getLowBitsUnsigned(), marks.length, marks.join('')].join('.')
}

/** Null for whatever `writePosition` of this store did not write. The marks come back without their times. */
export const readPosition = (store: string, text: string): Place | null => {
  const [, of, seconds, step, count, marks = ''] = FORM.exec(text) ?? []
  if (of !== store || marks.length !== Number(count) * MARK) return null
  const at = new Timestamp({ t: Number(seconds), i: Number(step) })
  const told = Array.from({ length: Number(count) }, (_, index) => ({
    at,
    mark: marks.slice(index * MARK, (index + 1) * MARK),
  }))
  return { at, told }
}

const FORM = /^mongo\.([0-9a-f]{8,24})\.([0-9]{1,10})\.([0-9]{1,10})\.([0-9]{1,2})\.([A-Za-z0-9_-]*)$/

/** Writes are seen by others in another order than they are timed in, mostly by less than this. */
export const OVERLAP_S = 2

export const secondsBefore = (at: Timestamp, seconds: number): Timestamp =>
  new Timestamp({ t: Math.max(0, at.getHighBitsUnsigned() - seconds), i: at.getLowBitsUnsigned() })

/** Of what was told only that of the last seconds is needed: what is looked at again. */
export const forgetBefore = ({ at, told }: Place, seconds: number): Place => {
  const since = secondsBefore(at, seconds)
  return { at, told: told.filter((one) => one.at.greaterThan(since)) }
}
