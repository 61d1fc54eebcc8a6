import { fitWider, mayFitWider } from './fit-wider.ts'
import { FROZEN } from './kinds.ts'
import { ANYTHING, type Form } from './template.ts'

/** A live pattern as the index holds it. */
export interface IndexedPattern {
  readonly no: number
  readonly form: Form
}

/** A pattern that differs from a form in a few places only. */
export interface NearPattern {
  readonly pattern: IndexedPattern
  readonly places: readonly number[]
}

/** Live patterns by their glue and, among those of one glue, by their words. */
export interface PatternIndex {
  readonly insert: (pattern: IndexedPattern) => void
  readonly remove: (pattern: IndexedPattern) => void
  /** The pattern that takes a form: the one with the fewest open places, then the oldest. */
  readonly find: (form: Form) => IndexedPattern | undefined
  /**
   * The patterns of a form's glue that differ from it in at most so many places, by number. Places that the form holds
   * open do not count, and those with words that never vary are never bridged.
   */
  readonly near: (form: Form, mostPlaces: number) => readonly NearPattern[]
  /** The oldest pattern of other glue that a form is one of, but for one value, and the form in its shape. */
  readonly wider: (form: Form) => FittedPattern | undefined
  /** The patterns of other glue that are of this form, but for one value, by number. */
  readonly narrower: (form: Form) => readonly FittedPattern[]
}

/** A pattern, and a form in the shape of another. */
export interface FittedPattern {
  readonly pattern: IndexedPattern
  readonly form: Form
}

interface Bucket {
  readonly glues: readonly string[]
  /** In no order. */
  readonly patterns: IndexedPattern[]
  /**
   * Their keys as numbers, one pattern after the other, as far as they were asked for: comparing them is most of the
   * work when a form is new.
   */
  words: Int32Array
  written: number
  /** By which places are open; for each of them one look-up tells. Those with fewer come first. */
  readonly groups: Group[]
}

interface Group {
  readonly open: readonly number[]
  readonly byKey: Map<string, IndexedPattern[]>
}

const OPEN = 0
/** Not a word of any pattern. */
const UNKNOWN = -1

export const createPatternIndex = (): PatternIndex => {
  const buckets = new Map<string, Bucket>()
  const numbers = new Map<string, number>([[ANYTHING, OPEN]])

  const numberOf = (key: string): number => {
    const known = numbers.get(key)
    if (known !== undefined) return known
    numbers.set(key, numbers.size)
    return numbers.size - 1
  }

  return {
    insert: (pattern) => {
      const { form } = pattern
      const shape = shapeOf(form)
      let bucket = buckets.get(shape)
      if (bucket === undefined) {
        bucket = { glues: form.glues, patterns: [], words: NO_WORDS, written: 0, groups: [] }
        buckets.set(shape, bucket)
      }
      bucket.patterns.push(pattern)
      const open = openPlaces(form)
      const { byKey } = bucket.groups.find((group) => sameNumbers(group.open, open)) ?? newGroup(bucket, open)
      const key = keyOf(form, open)
      const same = byKey.get(key)
      if (same === undefined) byKey.set(key, [pattern])
      else insertByNo(same, pattern)
    },
    remove: (pattern) => {
      const bucket = buckets.get(shapeOf(pattern.form))
      if (bucket === undefined) return
      takeOut(bucket, pattern)
      const open = openPlaces(pattern.form)
      const group = bucket.groups.find((other) => sameNumbers(other.open, open))
      if (group === undefined) return
      const key = keyOf(pattern.form, open)
      const left = group.byKey.get(key)?.filter((other) => other !== pattern) ?? []
      if (left.length > 0) group.byKey.set(key, left)
      else group.byKey.delete(key)
      if (group.byKey.size === 0) bucket.groups.splice(bucket.groups.indexOf(group), 1)
    },
    find: (form) => {
      let found: IndexedPattern | undefined
      let places = 0
      for (const { open, byKey } of buckets.get(shapeOf(form))?.groups ?? []) {
        if (found !== undefined && open.length > places) break
        const oldest = byKey.get(keyOf(form, open))?.[0]
        if (oldest === undefined || (found !== undefined && found.no < oldest.no)) continue
        found = oldest
        places = open.length
      }
      return found
    },
    near: (form, mostPlaces) => {
      const bucket = buckets.get(shapeOf(form))
      if (bucket === undefined) return []
      writeWords(bucket, numberOf)
      const words = new Int32Array(form.keys.length)
      for (let place = 0; place < words.length; place += 1)
        words[place] = numbers.get(form.keys[place] as string) ?? UNKNOWN
      const near: NearPattern[] = []
      for (let at = 0; at < bucket.patterns.length; at += 1) {
        if (!isNear(words, bucket.words, at * words.length, mostPlaces)) continue
        const pattern = bucket.patterns[at] as IndexedPattern
        const places = differingPlaces(form, pattern.form)
        if (places.every((place) => form.kinds[place] !== FROZEN && pattern.form.kinds[place] !== FROZEN))
          near.push({ pattern, places })
      }
      return near.sort((a, b) => a.pattern.no - b.pattern.no)
    },
    wider: (form) => {
      let found: FittedPattern | undefined
      for (const { glues, patterns } of buckets.values()) {
        if (!mayFitWider(glues, form.glues)) continue
        for (const pattern of patterns) {
          if (found !== undefined && found.pattern.no < pattern.no) continue
          const fitted = fitWider(pattern.form, form)
          if (fitted !== null) found = { pattern, form: fitted }
        }
      }
      return found
    },
    narrower: (form) => {
      const found: FittedPattern[] = []
      for (const { glues, patterns } of buckets.values()) {
        if (!mayFitWider(form.glues, glues)) continue
        for (const pattern of patterns) {
          const fitted = fitWider(form, pattern.form)
          if (fitted !== null) found.push({ pattern, form: fitted })
        }
      }
      return found.sort((a, b) => a.pattern.no - b.pattern.no)
    },
  }
}

const NO_WORDS = new Int32Array(0)

const writeWords = (bucket: Bucket, numberOf: (key: string) => number): void => {
  const { patterns } = bucket
  if (bucket.written === patterns.length) return
  const length = patterns[0]?.form.keys.length ?? 0
  if (patterns.length * length > bucket.words.length) {
    const grown = new Int32Array(2 * patterns.length * length)
    grown.set(bucket.words)
    bucket.words = grown
  }
  for (; bucket.written < patterns.length; bucket.written += 1) {
    const { keys } = (patterns[bucket.written] as IndexedPattern).form
    const start = bucket.written * length
    for (let place = 0; place < length; place += 1) bucket.words[start + place] = numberOf(keys[place] as string)
  }
}

/** The last pattern takes the place of the one that goes. */
const takeOut = (bucket: Bucket, pattern: IndexedPattern): void => {
  const at = bucket.patterns.indexOf(pattern)
  const last = bucket.patterns.pop()
  if (at < 0 || last === undefined) return
  if (last !== pattern) bucket.patterns[at] = last
  // What stands behind is written again when it is next asked for.
  bucket.written = Math.min(bucket.written, at)
}

/** No glue has a letter in it, and no word a space, so these keep apart what they separate. */
const BETWEEN_GLUES = 'a'
const BETWEEN_WORDS = ' '

const shapeOf = (form: Form): string => form.glues.join(BETWEEN_GLUES)

const NONE: readonly number[] = []

const openPlaces = ({ keys }: Form): readonly number[] => {
  if (!keys.includes(ANYTHING)) return NONE
  return keys.flatMap((key, place) => (key === ANYTHING ? [place] : []))
}

const keyOf = ({ keys }: Form, open: readonly number[]): string => {
  if (open.length === 0) return keys.join(BETWEEN_WORDS)
  const closed = keys.slice()
  for (const place of open) closed[place] = ANYTHING
  return closed.join(BETWEEN_WORDS)
}

const isNear = (words: Int32Array, others: Int32Array, start: number, mostPlaces: number): boolean => {
  let places = 0
  for (let place = 0; place < words.length; place += 1) {
    const other = others[start + place]
    if (words[place] === other || words[place] === OPEN) continue
    places += 1
    if (places > mostPlaces) return false
  }
  return true
}

const differingPlaces = (a: Form, b: Form): readonly number[] => {
  const places: number[] = []
  for (const [place, key] of a.keys.entries()) if (key !== b.keys[place] && key !== ANYTHING) places.push(place)
  return places
}

const newGroup = (bucket: Bucket, open: readonly number[]): Group => {
  const group: Group = { open, byKey: new Map() }
  const at = bucket.groups.findIndex((other) => comesBefore(open, other.open))
  bucket.groups.splice(at < 0 ? bucket.groups.length : at, 0, group)
  return group
}

const comesBefore = (a: readonly number[], b: readonly number[]): boolean => {
  if (a.length !== b.length) return a.length < b.length
  const at = a.findIndex((place, index) => place !== b[index])
  return at >= 0 && (a[at] as number) < (b[at] as number)
}

const sameNumbers = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((place, index) => place === b[index])

const insertByNo = <T extends IndexedPattern>(patterns: T[], pattern: T): void => {
  let at = patterns.length
  while (at > 0 && (patterns[at - 1] as T).no > pattern.no) at -= 1
  patterns.splice(at, 0, pattern)
}
