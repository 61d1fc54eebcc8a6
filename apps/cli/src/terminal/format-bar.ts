import { styleText } from 'node:util'
import { cutText, fitText } from './fit-text.ts'
import { formatCount, formatDuration, formatPercent, formatRate } from './format-figures.ts'

/** Where one file stands, as a line shows it. */
export interface BarState {
  /** Escaped already. */
  readonly label: string
  readonly counts: { readonly done: number; readonly warn: number; readonly failed: number }
  readonly total: number | null
  /** 0 to 1, where the total is not known but a part of the input is. */
  readonly share?: number
  /** What is counted, where the total is not known: `lines` unless said. */
  readonly unit?: string
  /** Of the same, per second. */
  readonly rate: number | null
  readonly etaMs: number | null
  readonly status: 'running' | 'stalled' | 'completed' | 'failed' | 'cancelled' | 'waiting'
  readonly note?: string
}

const BAR_CELLS = 24
const LABEL_CELLS = 28

/** One line of at most `width` cells: name, bar, figures, and how it ended. */
export const formatBar = (state: BarState, width: number, color: boolean): string => {
  const paint = painter(color)
  const label = Math.max(8, Math.min(LABEL_CELLS, Math.floor(width / 4)))
  const cells = Math.max(5, Math.min(BAR_CELLS, Math.floor(width / 4)))
  const head = fitText(state.label, label)
  const figures = figuresOf(state)
  const room = width - label - cells - 2
  if (room < 8) return cutText(`${head} ${figures}`, width)
  return `${head} ${drawBar(state, cells, paint)} ${paint(STATUS_STYLE[state.status], cutText(figures, room))}`.trimEnd()
}

/** The same without a bar, for a log: one line that stands alone. */
export const formatBarPlain = (state: BarState): string => `${state.label}: ${figuresOf(state)}`

const figuresOf = ({ counts, total, rate, etaMs, status, note, share, unit = 'lines' }: BarState): string => {
  const processed = counts.done + counts.warn + counts.failed
  const parts = [
    total !== null
      ? `${formatPercent(processed, total)} ${formatCount(processed)}/${formatCount(total)}`
      : share !== undefined
        ? `${formatPercent(share, 1)} ${formatCount(processed)} ${unit}`
        : `${formatCount(processed)} ${unit}`,
    ...(counts.warn > 0 ? [`${formatCount(counts.warn)} warn`] : []),
    ...(counts.failed > 0 ? [`${formatCount(counts.failed)} failed`] : []),
    ...(status === 'running' && rate !== null ? [formatRate(rate)] : []),
    ...(status === 'running' && etaMs !== null ? [`eta ${formatDuration(etaMs)}`] : []),
    ...(status === 'running' ? [] : [status]),
    ...(note === undefined ? [] : [note]),
  ]
  return parts.join(' · ')
}

type Paint = (style: Style, text: string) => string
type Style = 'green' | 'yellow' | 'red' | 'dim' | 'reset'

const STATUS_STYLE: Readonly<Record<BarState['status'], Style>> = {
  waiting: 'dim',
  running: 'reset',
  stalled: 'yellow',
  completed: 'green',
  failed: 'red',
  cancelled: 'yellow',
}

const painter =
  (color: boolean): Paint =>
  (style, text) =>
    color && style !== 'reset' && text !== '' ? styleText(style, text, { validateStream: false }) : text

/** Done, warned, failed and left side by side; whatever happened at all gets a cell of its own. */
const drawBar = (state: BarState, cells: number, paint: Paint): string => {
  const { done, warn, failed } = state.counts
  const processed = done + warn + failed
  const whole = Math.max(processed, state.total ?? (state.share ? processed / state.share : 0))
  if (whole === 0 || (state.total === null && state.share === undefined && state.status === 'running'))
    return paint('dim', '·'.repeat(cells))
  const filled = processed >= whole ? cells : Math.min(cells - 1, Math.floor((processed / whole) * cells))
  const share = (count: number): number =>
    count === 0 || filled === 0 ? 0 : Math.max(1, Math.round((count / processed) * filled))
  const red = Math.min(filled, share(failed))
  const yellow = Math.min(filled - red, share(warn))
  return [
    paint('green', '█'.repeat(filled - red - yellow)),
    paint('yellow', '▓'.repeat(yellow)),
    paint('red', '▒'.repeat(red)),
    paint('dim', '░'.repeat(cells - filled)),
  ].join('')
}
