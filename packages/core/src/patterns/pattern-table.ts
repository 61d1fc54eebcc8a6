import { findFamily, MOST_PLACES } from './find-family.ts'
import { formOf, type MaskedMessage, WIDEST_TEXT } from './mask-message.ts'
import { covers, mergeForms } from './merge-forms.ts'
import { createPatternIndex, type FittedPattern, type IndexedPattern, type PatternIndex } from './pattern-index.ts'
import { costOf, easeAt, MERGED_COST, MOST_COST, MOST_PATTERNS } from './table-bounds.ts'
import { type Form, parseTemplate, renderTemplate, textOf } from './template.ts'

/** One pattern of a file's table, as the store keeps it: plain, JSON-safe data. */
export interface PatternRow {
  /** 1, 2, 3… by creation in this table; never changes. */
  readonly no: number
  /** The pattern's stored form, opaque to the store: `patternText` and `patternValues` read it. */
  readonly template: string
  /** Issues counted under it; 0 once merged into another. */
  readonly count: number
  /** The older pattern that took it over. */
  readonly into?: number
}

/** Grows while messages are added. Mutable for speed; the caller owns it, and throws it away when a commit fails. */
export interface PatternTable {
  /** Groups one masked message, counts it, and returns the pattern's number. Total and deterministic. */
  readonly add: (masked: MaskedMessage) => number
  /** The number under which an equal message was or would be counted now; changes nothing. */
  readonly match: (masked: MaskedMessage) => number
  /** Rows that changed since the table was made or since the last call: new, counted, widened, merged. */
  readonly takeChanges: () => readonly PatternRow[]
  /** About what it takes in memory, in bytes of templates: each of them costs some twenty, with what is kept to look it up. */
  readonly weight: () => number
  /** All rows, by number. */
  readonly rows: () => readonly PatternRow[]
  readonly row: (no: number) => PatternRow | undefined
  /** The number of the pattern that stands for `no` now: its own, or that of the one that took it over. */
  readonly resolve: (no: number) => number
}

interface Slot {
  template: string
  count: number
  into: number
  cost: number
  changed: boolean
  /** Undefined until the table has to look further than at equal templates. */
  indexed: IndexedPattern | undefined
}

/** Masked messages whose pattern is known by heart. */
const REMEMBERED = 2_048
const OTHER_TEMPLATE = '{O}'
/** Of a table without rows, and of each message that is known by heart. */
const BARE_WEIGHT = 200
const KNOWN_WEIGHT = 8

/**
 * The pattern table of one file and kind, from its rows. What it does next depends on the rows alone, so that processes
 * that take turns on a table agree.
 */
export const createPatternTable = (rows: readonly PatternRow[] = []): PatternTable => {
  const slots = new Map<number, Slot>()
  const changed: number[] = []
  /** Masked texts to numbers: a shortcut, never another answer than the index would give. */
  const known = new Map<string, number>()
  let index: PatternIndex | undefined
  let cost = 0
  let live = 0
  let other = 0
  let last = 0

  for (const { no, template, count, into } of rows) {
    const slot: Slot = { template, count, into: into ?? 0, cost: 0, changed: false, indexed: undefined }
    slots.set(no, slot)
    last = Math.max(last, no)
    if (into !== undefined) slot.cost = MERGED_COST
    else if (template === OTHER_TEMPLATE) other = no
    else {
      slot.cost = costOf(template)
      live += 1
    }
    cost += slot.cost
  }

  const slotOf = (no: number): Slot => {
    const slot = slots.get(no)
    if (slot === undefined) throw new Error(`the pattern table has no row ${no}`)
    return slot
  }

  const change = (no: number, slot: Slot): void => {
    if (slot.changed) return
    slot.changed = true
    changed.push(no)
  }

  const resolve = (no: number): number => {
    let at = no
    for (let into = slots.get(at)?.into ?? 0; into !== 0; into = slots.get(at)?.into ?? 0) at = into
    return at
  }

  const rowOf = (no: number, { template, count, into }: Slot): PatternRow =>
    into === 0 ? { no, template, count } : { no, template, count, into }

  const indexAll = (): PatternIndex => {
    if (index !== undefined) return index
    index = createPatternIndex()
    for (const [no, slot] of slots) {
      if (slot.into !== 0 || no === other) continue
      slot.indexed = { no, form: parseTemplate(slot.template) }
      index.insert(slot.indexed)
    }
    return index
  }

  const remember = (masked: string, no: number): number => {
    if (known.size >= REMEMBERED) known.clear()
    known.set(masked, no)
    return no
  }

  /** Gives a pattern a wider form. */
  const reshape = (no: number, form: Form): void => {
    const slot = slotOf(no)
    const all = indexAll()
    if (slot.indexed !== undefined) all.remove(slot.indexed)
    slot.template = renderTemplate(form)
    cost -= slot.cost
    slot.cost = costOf(slot.template)
    cost += slot.cost
    slot.indexed = { no, form }
    all.insert(slot.indexed)
    change(no, slot)
  }

  /** Makes one pattern of several, the oldest. What is known by heart may lead elsewhere from now on. */
  const mergeAll = (form: Form, members: readonly IndexedPattern[]): number =>
    mergeInto(mergedOf(form, members), members)

  const mergeInto = (merged: Form, members: readonly IndexedPattern[]): number => {
    const oldest = Math.min(...members.map(({ no }) => no))
    for (const member of members) {
      if (member.no === oldest) continue
      const slot = slotOf(member.no)
      slotOf(oldest).count += slot.count
      indexAll().remove(member)
      cost += MERGED_COST - slot.cost
      live -= 1
      Object.assign(slot, { template: '', count: 0, into: oldest, cost: MERGED_COST, indexed: undefined })
      change(member.no, slot)
    }
    reshape(oldest, merged)
    known.clear()
    return oldest
  }

  /** A wider pattern may make one with others of its glue; until none is left. */
  const settle = (start: number): number => {
    let no = start
    for (;;) {
      const pattern = slotOf(no).indexed as IndexedPattern
      const others = indexAll()
        .near(pattern.form, MOST_PLACES)
        .filter((one) => one.pattern.no !== no)
      const family = findFamily(pattern.form, others, easeAt(live))
      if (family !== null && fits(mergedOf(pattern.form, family), [...family, pattern])) {
        no = mergeAll(pattern.form, [...family, pattern])
        continue
      }
      const narrower = indexAll().narrower(pattern.form)
      const merged = mergedOf(pattern.form, narrower)
      const members = [...narrower.map((one) => one.pattern), pattern]
      if (narrower.length > 0 && fits(merged, members)) {
        no = mergeInto(merged, members)
        continue
      }
      const fitted = indexAll().wider(pattern.form)
      if (fitted === undefined) return no
      const both = mergeForms(fitted.pattern.form, fitted.form)
      if (!fits(both, [fitted.pattern, pattern])) return no
      no = mergeInto(both, [fitted.pattern, pattern])
    }
  }

  const mergedOf = (form: Form, others: readonly { readonly form: Form }[]): Form =>
    others.reduce((sum, other) => mergeForms(sum, other.form), form)

  const fits = (merged: Form, members: readonly IndexedPattern[]): boolean => {
    const freed = members.reduce((sum, member) => sum + slotOf(member.no).cost - MERGED_COST, MERGED_COST)
    return textOf(merged).length <= WIDEST_TEXT && cost - freed + costOf(renderTemplate(merged)) <= MOST_COST
  }

  type Plan =
    | { readonly kind: 'found'; readonly pattern: IndexedPattern }
    | { readonly kind: 'wider'; readonly fitted: FittedPattern }
    | { readonly kind: 'family'; readonly members: readonly IndexedPattern[] }
    | { readonly kind: 'narrower'; readonly merged: Form; readonly members: readonly IndexedPattern[] }
    | { readonly kind: 'new' | 'full' }

  const planFor = (form: Form): Plan => {
    const all = indexAll()
    const pattern = all.find(form)
    if (pattern !== undefined) return { kind: 'found', pattern }
    const hasRoom = live + 1 < MOST_PATTERNS && cost + costOf(renderTemplate(form)) <= MOST_COST
    // A table that is full for good is not searched again for each message that it does not know: that would take a
    // millisecond for every line of a file in which no two are alike.
    if (!hasRoom && other !== 0) return { kind: 'full' }
    const fitted = all.wider(form)
    if (fitted !== undefined && fits(mergeForms(fitted.pattern.form, fitted.form), [fitted.pattern]))
      return { kind: 'wider', fitted }
    const members = findFamily(form, all.near(form, MOST_PLACES), easeAt(live))
    if (members !== null && fits(mergedOf(form, members), members)) return { kind: 'family', members }
    const narrower = all.narrower(form)
    if (narrower.length > 0) {
      const merged = mergedOf(form, narrower)
      const patterns = narrower.map(({ pattern: one }) => one)
      if (fits(merged, patterns)) return { kind: 'narrower', merged, members: patterns }
    }
    return { kind: hasRoom ? 'new' : 'full' }
  }

  const place = ({ masked, message }: MaskedMessage): number => {
    const form = formOf(message)
    const plan = planFor(form)
    switch (plan.kind) {
      case 'found': {
        if (!covers(plan.pattern.form, form)) reshape(plan.pattern.no, mergeForms(plan.pattern.form, form))
        return remember(masked, plan.pattern.no)
      }
      case 'wider': {
        const { pattern, form: fitted } = plan.fitted
        if (!covers(pattern.form, fitted)) reshape(pattern.no, mergeForms(pattern.form, fitted))
        return remember(masked, pattern.no)
      }
      case 'family':
        return remember(masked, settle(mergeAll(form, plan.members)))
      case 'narrower':
        return remember(masked, settle(mergeInto(plan.merged, plan.members)))
      case 'new': {
        last += 1
        live += 1
        slots.set(last, { template: '', count: 0, into: 0, cost: 0, changed: false, indexed: undefined })
        reshape(last, form)
        return remember(masked, last)
      }
      case 'full': {
        if (other === 0) {
          last += 1
          other = last
          slots.set(other, { template: OTHER_TEMPLATE, count: 0, into: 0, cost: 0, changed: false, indexed: undefined })
        }
        return other
      }
    }
  }

  return {
    add: (message) => {
      const no = known.get(message.masked) ?? place(message)
      const slot = slotOf(no)
      slot.count += 1
      change(no, slot)
      return no
    },
    match: ({ masked, message }) => {
      const no = known.get(masked)
      if (no !== undefined) return no
      const plan = planFor(formOf(message))
      switch (plan.kind) {
        case 'found':
          return plan.pattern.no
        case 'wider':
          return plan.fitted.pattern.no
        case 'family':
        case 'narrower':
          return Math.min(...plan.members.map(({ no: member }) => member))
        case 'new':
          return last + 1
        case 'full':
          return other === 0 ? last + 1 : other
      }
    },
    takeChanges: () => {
      const taken = changed
        .sort((a, b) => a - b)
        .map((no) => {
          const slot = slotOf(no)
          slot.changed = false
          return rowOf(no, slot)
        })
      changed.length = 0
      return taken
    },
    weight: () => BARE_WEIGHT + cost + known.size * KNOWN_WEIGHT,
    rows: () => [...slots].map(([no, slot]) => rowOf(no, slot)).sort((a, b) => a.no - b.no),
    row: (no) => {
      const slot = slots.get(no)
      return slot === undefined ? undefined : rowOf(no, slot)
    },
    resolve,
  }
}
