import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client'

/**
 * What a process counts. Labels are few and bounded: a route's template, a method, a status, a channel, an outcome;
 * never a client, a filename, an email, or anything else that a caller chooses.
 */
export interface Metrics {
  readonly requestStarted: () => void
  readonly requestFinished: (request: {
    readonly method: string
    readonly route: string
    readonly status: number
    readonly seconds: number
  }) => void
  readonly updatesSettled: (channel: string, outcome: string, updates?: number) => void
  readonly groupCommitted: (group: { readonly updates: number; readonly files: number; readonly ms: number }) => void
  /** By the template of a single-tenant route: who still depends on them. */
  readonly legacyRequest: (route: string) => void
  readonly storeUp: (up: boolean) => void
  /** The text that Prometheus reads. */
  readonly render: () => Promise<{ readonly contentType: string; readonly body: string }>
  /** Measures the event loop no longer. */
  readonly stop: () => Promise<void>
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS'])
const OUTCOMES = ['applied', 'duplicate', 'refused', 'unavailable'] as const
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Counts and measures of one process, in a registry of its own, each set of labels that is known there from 0 on. */
export const createMetrics = (facts: {
  readonly version: string
  readonly process: string
  readonly channels: readonly string[]
  /** Templates of the single-tenant routes that it serves. */
  readonly legacyRoutes?: readonly string[]
}): Metrics => {
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register, prefix: 'pebbles_' })
  new Gauge({
    name: 'pebbles_build_info',
    help: 'Which version runs, and as which process.',
    labelNames: ['version', 'process'],
    registers,
  }).set({ version: facts.version, process: facts.process }, 1)
  const inFlight = new Gauge({
    name: 'pebbles_http_requests_in_flight',
    help: 'Requests that have no answer yet.',
    registers,
  })
  const duration = new Histogram({
    name: 'pebbles_http_request_duration_seconds',
    help: 'How long requests took.',
    labelNames: ['method', 'route', 'status'],
    buckets: SECONDS,
    registers,
  })
  const updates = new Counter({
    name: 'pebbles_updates_total',
    help: 'Updates, by what became of them.',
    labelNames: ['channel', 'outcome'],
    registers,
  })
  for (const channel of facts.channels) for (const outcome of OUTCOMES) updates.inc({ channel, outcome }, 0)
  const legacy = new Counter({
    name: 'pebbles_legacy_requests_total',
    help: 'Requests to the single-tenant routes.',
    labelNames: ['route'],
    registers,
  })
  for (const route of facts.legacyRoutes ?? []) legacy.inc({ route }, 0)
  const groupSize = new Histogram({
    name: 'pebbles_group_updates',
    help: 'Updates that shared a commit.',
    buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_000],
    registers,
  })
  const groupSeconds = new Histogram({
    name: 'pebbles_commit_duration_seconds',
    help: 'From the start of a group to its commit.',
    buckets: SECONDS,
    registers,
  })
  const store = new Gauge({ name: 'pebbles_store_up', help: '1 when the store answered last, else 0.', registers })
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  new Gauge({
    name: 'pebbles_event_loop_delay_seconds',
    help: 'How late the event loop was since the last look; quantile 1 is the worst.',
    labelNames: ['quantile'],
    registers,
    collect() {
      this.set({ quantile: '0.5' }, lateness(delay.percentile(50)))
      this.set({ quantile: '0.99' }, lateness(delay.percentile(99)))
      this.set({ quantile: '1' }, lateness(delay.max))
      delay.reset()
    },
  })
  return {
    requestStarted: () => inFlight.inc(),
    requestFinished: ({ method, route, status, seconds }) => {
      inFlight.dec()
      duration.observe({ method: METHODS.has(method) ? method : 'other', route, status: String(status) }, seconds)
    },
    updatesSettled: (channel, outcome, by = 1) => updates.inc({ channel, outcome }, by),
    groupCommitted: ({ updates: size, ms }) => {
      groupSize.observe(size)
      groupSeconds.observe(ms / 1000)
    },
    legacyRequest: (route) => legacy.inc({ route }),
    storeUp: (up) => store.set(up ? 1 : 0),
    render: async () => ({ contentType: register.contentType, body: await register.metrics() }),
    stop: async () => {
      delay.disable()
    },
  }
}

const RESOLUTION_MS = 10

/** Seconds. The monitor measures from one tick of its timer to the next, so an idle loop shows the timer's own step. */
const lateness = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1e3)
