import { maskMessage } from '../../../packages/core/src/patterns/mask-message.ts'
import { createPatternTable, type PatternTable } from '../../../packages/core/src/patterns/pattern-table.ts'
import type { LabelledLine } from './corpora/kind.ts'
import { createRandom, shuffled } from './corpora/random.ts'

export interface Grouping {
  readonly table: PatternTable
  /** The pattern of each line, as it is after the last one. */
  readonly numbers: readonly number[]
}

export const groupLines = (messages: readonly string[]): Grouping => {
  const table = createPatternTable()
  const first = messages.map((message) => table.add(maskMessage(message)))
  return { table, numbers: first.map(table.resolve) }
}

export interface Accuracy {
  /** Grouping accuracy: the share of lines whose group holds exactly the lines of their template. */
  readonly share: number
  readonly groups: number
  readonly templates: number
  /** Templates that were torn apart or mixed, with the numbers of the patterns their lines are in. */
  readonly wrong: readonly { readonly label: number; readonly numbers: readonly number[] }[]
}

export const accuracyOf = (lines: readonly LabelledLine[], numbers: readonly number[]): Accuracy => {
  const byLabel = Map.groupBy(lines.keys(), (at) => (lines[at] as LabelledLine).label)
  const sizes = new Map<number, number>()
  for (const no of numbers) sizes.set(no, (sizes.get(no) ?? 0) + 1)
  const wrong: { label: number; numbers: number[] }[] = []
  let right = 0
  for (const [label, members] of byLabel) {
    const found = [...new Set(members.map((at) => numbers[at] as number))]
    const [only] = found
    if (found.length === 1 && only !== undefined && sizes.get(only) === members.length) right += members.length
    else wrong.push({ label, numbers: found })
  }
  return { share: right / lines.length, groups: sizes.size, templates: byLabel.size, wrong }
}

/** The share of groups that are other ones when the same lines come in another order, on average over some orders. */
export const changedByOrder = (messages: readonly string[], orders: number, seed: number): number => {
  const plain = groupsOf(messages.keys().toArray(), groupLines(messages).numbers)
  let changed = 0
  for (let order = 0; order < orders; order += 1) {
    const places = shuffled(messages.keys().toArray(), createRandom(seed + order))
    const { numbers } = groupLines(places.map((at) => messages[at] as string))
    const others = groupsOf(places, numbers)
    changed += plain.difference(others).size / plain.size
  }
  return changed / orders
}

/** Each group by the lines it holds. */
const groupsOf = (places: readonly number[], numbers: readonly number[]): ReadonlySet<string> => {
  const groups = Map.groupBy(places.keys(), (at) => numbers[at] as number)
  return new Set(
    [...groups.values()].map((members) =>
      members
        .map((at) => places[at] as number)
        .sort((a, b) => a - b)
        .join(),
    ),
  )
}
