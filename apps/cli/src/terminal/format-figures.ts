/** `1234567` as `1,234,567`, the same on every machine. */
export const formatCount = (count: number): string => String(Math.trunc(count)).replace(/\B(?=(\d{3})+(?!\d))/g, ',')

/** A part of a whole as a percentage that never says 100 % before the end, nor 0 % after the start. */
export const formatPercent = (part: number, whole: number): string => {
  if (whole <= 0) return '–'
  if (part === 0) return '0 %'
  const percent = (part / whole) * 100
  if (part < whole && percent > 99) return `${Math.min(99.9, Math.floor(percent * 10) / 10)} %`
  return percent < 1 ? '<1 %' : `${Math.floor(percent)} %`
}

/** A length of time in at most two units: `4 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. */
export const formatDuration = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const units: readonly (readonly [string, number])[] = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ]
  const first = units.findIndex(([, size]) => seconds >= size)
  const [[bigName, big] = ['s', 1] as const, small] = [units[first], units[first + 1]]
  const rest = small === undefined ? 0 : Math.floor((seconds % big) / small[1])
  const whole = `${Math.floor(seconds / big)} ${bigName}`
  return small === undefined || rest === 0 ? whole : `${whole} ${rest} ${small[0]}`
}

/** Lines per second, with as many digits as say something. */
export const formatRate = (perSecond: number): string =>
  perSecond >= 10 ? `${formatCount(Math.round(perSecond))}/s` : `${perSecond.toFixed(1)}/s`

/** How long ago an ISO time was. */
export const formatAge = (iso: string, now: number): string => `${formatDuration(now - Date.parse(iso))} ago`
