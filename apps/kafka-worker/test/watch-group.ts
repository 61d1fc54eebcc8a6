import { lookAgain } from '@pebbles/intake/testing'
import type { KafkaBench, KafkaLoad } from './bench.ts'

const LOOK_EVERY_MS = 20
/** What a group has committed that has committed nothing. */
const NOTHING = -1

/** The longest time in which nothing was done though messages waited, and nothing excused it. */
export const watchProgress = (
  bench: KafkaBench,
  load: KafkaLoad,
  isExcused: () => Promise<boolean> = async () => false,
): AsyncDisposable & { readonly longest: () => number } => {
  let [since, done, longest] = [performance.now(), -1, 0]
  const watcher = lookAgain(LOOK_EVERY_MS, async () => {
    const [now, waiting, excused] = [(await bench.done()) ?? 0, load.sent(), await isExcused()]
    longest = Math.max(longest, performance.now() - since)
    if (now !== done || now >= waiting || excused) [since, done] = [performance.now(), now]
  })
  return { longest: () => longest, ...watcher }
}

/** What the group of a topic has committed that is less than what it had committed before. */
export const watchOffsets = (
  bench: KafkaBench,
  topic: string,
): AsyncDisposable & { readonly wentBack: () => readonly string[]; readonly seen: () => number } => {
  const [newest, wentBack] = [new Map<number, number>(), [] as string[]]
  const watcher = lookAgain(LOOK_EVERY_MS, async () => {
    // Before the first member is there, the group may be nobody's.
    const [found] = await bench.admin.fetchOffsets({ groupId: `group-of-${topic}`, topics: [topic] }).catch(() => [])
    for (const { partition, offset } of found?.partitions ?? []) {
      if (Number(offset) < (newest.get(partition) ?? NOTHING)) wentBack.push(`${partition}: ${offset}`)
      newest.set(partition, Number(offset))
    }
  })
  return { wentBack: () => wentBack, seen: () => newest.size, ...watcher }
}
