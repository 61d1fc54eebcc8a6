import { type BarState, formatBar, formatBarPlain } from './format-bar.ts'

/** The part of a terminal's stream that bars need. */
export interface BarStream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  readonly write: (text: string) => unknown
  readonly on?: (event: 'resize', listener: () => void) => unknown
  readonly off?: (event: 'resize', listener: () => void) => unknown
}

/** Live lines, one for each key, at the bottom of a terminal; without one, a plain line now and then. */
export interface ProgressBars {
  readonly set: (key: string, state: BarState) => void
  readonly remove: (key: string) => void
  /** A line of text above the bars. */
  readonly log: (text: string) => void
  /** Leaves the last state standing. May be called twice. */
  readonly close: () => void
}

export interface BarOptions {
  readonly stream: BarStream
  readonly color: boolean
  readonly now: () => number
  /** Lines of one file without a terminal come at least this many ms apart, but for its end. */
  readonly plainEveryMs?: number
}

const FRAME_MS = 80

export const createProgressBars = (options: BarOptions): ProgressBars =>
  options.stream.isTTY === true ? liveBars(options) : plainBars(options)

const plainBars = ({ stream, now, plainEveryMs = 5_000 }: BarOptions): ProgressBars => {
  const shown = new Map<string, { at: number; status: BarState['status']; text: string }>()
  const pending = new Map<string, BarState>()
  const print = (key: string, state: BarState): void => {
    const text = formatBarPlain(state)
    pending.delete(key)
    if (shown.get(key)?.text !== text) stream.write(`${text}\n`)
    shown.set(key, { at: now(), status: state.status, text })
  }
  return {
    set: (key, state) => {
      const last = shown.get(key)
      if (last === undefined || last.status !== state.status || now() - last.at >= plainEveryMs) print(key, state)
      else pending.set(key, state)
    },
    remove: (key) => {
      shown.delete(key)
      pending.delete(key)
    },
    log: (text) => stream.write(`${text}\n`),
    close: () => {
      for (const [key, state] of [...pending]) print(key, state)
    },
  }
}

const CLEAR_LINE = '\u001b[2K'
const CLEAR_BELOW = '\u001b[0J'
const up = (lines: number): string => (lines === 0 ? '\r' : `\r\u001b[${lines}A`)

const liveBars = ({ stream, color, now }: BarOptions): ProgressBars => {
  const states = new Map<string, BarState>()
  let drawn = 0
  let lastFrame = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | null = null
  let closed = false

  const linesNow = (): string[] => {
    const width = Math.max(20, (stream.columns ?? 80) - 1)
    // One row stays free: a terminal that scrolls would tear the lines apart.
    const room = Math.max(1, (stream.rows ?? 24) - 1)
    const all = [...states.values()]
    const fitting = all.length <= room ? all : all.slice(0, room - 1)
    const lines = fitting.map((state) => formatBar(state, width, color))
    return all.length <= room ? lines : [...lines, `… and ${all.length - fitting.length} more`]
  }
  const draw = (above = ''): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    lastFrame = now()
    const lines = linesNow()
    const body = lines.map((line) => `${CLEAR_LINE}${line}\n`).join('')
    stream.write(`${up(drawn)}${above === '' ? '' : `${CLEAR_BELOW}${above}\n`}${body}${CLEAR_BELOW}`)
    drawn = lines.length
  }
  const schedule = (): void => {
    if (closed || timer !== null) return
    timer = setTimeout(draw, Math.max(0, FRAME_MS - (now() - lastFrame)))
  }
  const resized = (): void => {
    // Longer lines may have wrapped, so that the place of the first is unknown: begin anew below.
    stream.write(`\r${CLEAR_BELOW}`)
    drawn = 0
    draw()
  }
  stream.on?.('resize', resized)
  return {
    set: (key, state) => {
      states.set(key, state)
      schedule()
    },
    remove: (key) => {
      states.delete(key)
      schedule()
    },
    log: (text) => draw(text),
    close: () => {
      if (closed) return
      draw()
      closed = true
      stream.off?.('resize', resized)
    },
  }
}
