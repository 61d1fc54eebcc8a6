/** How fast something goes, over the last few seconds. */
export interface RateMeter {
  /** `processed` is the sum so far. */
  readonly observe: (processed: number) => void
  /** Per second; null before there is enough to say. */
  readonly rate: () => number | null
  /** How long the rest takes at this rate. */
  readonly etaMs: (left: number) => number | null
}

const WINDOW_MS = 10_000
const LEAST_MS = 1_500

export const createRateMeter = (now: () => number): RateMeter => {
  const samples: { readonly at: number; readonly processed: number }[] = []
  const rate = (): number | null => {
    const [first] = samples
    const last = samples.at(-1)
    if (first === undefined || last === undefined || last.at - first.at < LEAST_MS) return null
    return ((last.processed - first.processed) / (last.at - first.at)) * 1000
  }
  return {
    observe: (processed) => {
      const at = now()
      samples.push({ at, processed })
      while (samples.length > 2 && at - (samples[1]?.at ?? at) > WINDOW_MS) samples.shift()
    },
    rate,
    etaMs: (left) => {
      const perSecond = rate()
      return perSecond === null || perSecond <= 0 ? null : (Math.max(0, left) / perSecond) * 1000
    },
  }
}
