import type { IndexedPattern, NearPattern } from './pattern-index.ts'
import { ANYTHING, type Form } from './template.ts'
import { PLAIN, VOCABULARY } from './weigh-shape.ts'
import { TELLING, weighCommon, weightNeeded, weighWord } from './weigh-word.ts'

/** In how many places at most the messages of one family may differ. */
export const MOST_PLACES = 4

/**
 * The patterns that, with `form`, are one pattern: they differ in a few places, and what stands there are values by
 * their look or by their number. Null when there are none yet. `ease` below 1 asks for less, when room is short.
 */
export const findFamily = (
  form: Form,
  near: readonly NearPattern[],
  ease: number,
): readonly IndexedPattern[] | null => {
  let best: readonly IndexedPattern[] | null = null
  let bestPlaces = MOST_PLACES + 1
  let bestExcess = 0
  const tried = new Set<string>()
  for (const { places } of near) {
    const name = places.join()
    if (places.length > bestPlaces || tried.has(name)) continue
    tried.add(name)
    const members = near.filter((other) => fits(form, other, places))
    // A value of its own is enough weight alone, but what stands there in the others may never be one.
    if (members.length === 0) continue
    const excess = excessWeight(form, places, members, ease)
    if (excess < 1 || (places.length === bestPlaces && excess <= bestExcess)) continue
    best = members.map(({ pattern }) => pattern)
    bestPlaces = places.length
    bestExcess = excess
  }
  return best
}

/** Differs in no other places; and where either stands open, the other has no word that is never a value. */
const fits = (form: Form, { pattern, places: others }: NearPattern, places: readonly number[]): boolean =>
  others.length === 0 ||
  (others.every((place) => places.includes(place) && weighWord(pattern.form, place) > 0) &&
    form.keys.every((key, place) => key !== ANYTHING || weighWord(pattern.form, place) > 0))

/** How many times over the weight needed is there, in the place where it is least; under 1 they stay apart. */
const excessWeight = (form: Form, places: readonly number[], members: readonly NearPattern[], ease: number): number => {
  if (places.length === 0) return 1
  let common = 0
  for (let index = 0; index < form.keys.length; index += 1) {
    if (places.includes(index)) continue
    if (members.every(({ pattern }) => pattern.form.keys[index] === form.keys[index]))
      common += weighCommon(form, index)
  }
  const open = openPlaces(form, places, members)
  if (open > 1 && common < open * COMMON_FOR_EACH) return 0
  let least = Number.POSITIVE_INFINITY
  for (const place of places) {
    if (weighWord(form, place) === 0) return 0
    const weights = weightsAt(form, place, members)
    const typed = weights.some((weight) => weight >= TELLING)
    least = Math.min(least, sumOf(weights) / (weightNeeded(form, place, common, typed) * ease))
  }
  return least
}

/** What has many open places must have as much in common, or it would take in everything of its glue. */
const COMMON_FOR_EACH = 10

const openPlaces = (form: Form, places: readonly number[], members: readonly NearPattern[]): number => {
  const open = new Set(places)
  for (const { keys } of [form, ...members.map(({ pattern }) => pattern.form)])
    for (const [place, key] of keys.entries()) if (key === ANYTHING) open.add(place)
  return open.size
}

/** The weights of the different tokens in one place. */
const weightsAt = (form: Form, place: number, members: readonly NearPattern[]): readonly number[] => {
  const weights = new Map([[form.keys[place], weighWord(form, place)]])
  for (const { pattern } of members) {
    const key = pattern.form.keys[place]
    if (!weights.has(key)) weights.set(key, weighWord(pattern.form, place))
  }
  return [...weights.values()]
}

const NAMES_THAT_TELL = 3 * PLAIN

/** Where there are names, a word of the vocabulary is likely one, too: `root`, `mail` and `backup` are users. */
const sumOf = (weights: readonly number[]): number => {
  let names = 0
  let words = 0
  for (const weight of weights) {
    if (weight === VOCABULARY) words += 1
    else names += weight
  }
  return names + words * (names >= NAMES_THAT_TELL ? PLAIN : VOCABULARY)
}
