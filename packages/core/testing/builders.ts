import { setImmediate, setTimeout } from 'node:timers/promises'
import type {
  ClientKrn,
  Clock,
  Email,
  EndState,
  FileId,
  FileName,
  Issue,
  Outcome,
  RecordUpdate,
  UpdateId,
} from '../src/index.ts'
import { parseClientKrn, parseEmail, parseFileName } from '../src/index.ts'

export const NOON = Date.UTC(2026, 0, 15, 12)
export const MINUTE = 60_000

export const client = (name = 'acme'): ClientKrn => parseClientKrn(`krn:${name}:client:prod-001`) as ClientKrn
export const fileName = (name = 'orders.csv'): FileName => parseFileName(name) as FileName
export const email = (name = 'ada'): Email => parseEmail(`${name}@example.com`) as Email

let drawn = 0
/** 24 hex digits, different each time, the same in each run. */
export const newFileId = (): FileId => {
  drawn += 1
  return (((drawn * 0x9e3779b1) >>> 0).toString(16).padStart(8, '0') + drawn.toString(16).padStart(16, '0')) as FileId
}

export interface UpdateFacts {
  client?: ClientKrn
  filename?: string
  by?: string
  id?: string
  hash?: string
  done?: number
  warn?: number
  failed?: number
  total?: number
  end?: EndState
  errors?: readonly (Issue | string)[]
  warnings?: readonly (Issue | string)[]
  sentAt?: number
}

let inner = 0
/** An update with one line done, and whatever else is said. Without `id` nobody can send it again. */
export const anUpdate = (facts: UpdateFacts = {}): RecordUpdate => {
  inner += 1
  const { id, end, errors = [], warnings = [] } = facts
  return {
    client: facts.client ?? client(),
    filename: fileName(facts.filename ?? 'orders.csv'),
    email: email(facts.by ?? 'ada'),
    id: (id === undefined ? `inner:${inner}` : `caller:${id}`) as UpdateId,
    hash: facts.hash ?? (id === undefined ? '' : 'body'),
    counts: { done: facts.done ?? 1, warn: facts.warn ?? 0, failed: facts.failed ?? 0 },
    total: facts.total ?? null,
    ...(end === undefined ? {} : { end: { outcome: end, reason: null } }),
    errors: errors.map(asIssue),
    warnings: warnings.map(asIssue),
    sentAt: facts.sentAt ?? NOON,
    channel: 'http',
  }
}

const asIssue = (issue: Issue | string, index: number): Issue =>
  typeof issue === 'string' ? { line: index + 1, message: issue } : issue

export interface TestClock extends Clock {
  readonly advance: (ms: number) => void
}

/** A wall clock that stands still until it is moved; waiting is real but short. */
export const createTestClock = (start = NOON): TestClock => {
  let now = start
  let seed = 1
  return {
    now: () => now,
    monotonic: () => performance.now(),
    sleep: (ms) => setTimeout(Math.min(ms, 20)),
    pause: () => setImmediate(),
    random: () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed / 2_147_483_648
    },
    advance: (ms) => {
      now += ms
    },
  }
}

/** An outcome in a word, as tests compare it. */
export const word = (outcome: Outcome | undefined): string => {
  if (outcome === undefined) return 'nothing'
  switch (outcome.kind) {
    case 'applied':
      return outcome.created ? 'created' : 'updated'
    case 'duplicate':
      return `duplicate:${outcome.life}`
    case 'refused':
      return outcome.code
    case 'unavailable':
      return 'unavailable'
  }
}
