import { createMetrics, type Metrics } from '@pebbles/runtime'
import { Counter, Gauge, Registry } from '@prometheus-io/client'
import type { Settlement } from './create-intake.ts'

/** What a worker counts beside what every process does. Labels are codes and partitions, never what a sender chose. */
export interface WorkerMetrics {
  readonly settled: (settlement: Settlement, code: string | null, messages: number) => void
  readonly groupCommitted: Metrics['groupCommitted']
  readonly storeUp: Metrics['storeUp']
  /** Sets a gauge of its own, made at its first use; `part` is a partition or another small set. Null takes it away. */
  readonly gauge: (name: string, help: string) => (value: number | null, part?: string) => void
  readonly counter: (name: string, help: string) => (by?: number) => void
  readonly render: Metrics['render']
  readonly stop: () => Promise<void>
}

export const createWorkerMetrics = (facts: {
  readonly version: string
  readonly process: string
  readonly channel: 'sqs' | 'kafka'
}): WorkerMetrics => {
  const metrics = createMetrics({ ...facts, channels: [facts.channel] })
  const register = new Registry()
  const registers = [register]
  const aside = new Counter({
    name: 'pebbles_rejected_messages_total',
    help: 'Refused messages, by code and by where they went.',
    labelNames: ['code', 'to'],
    registers,
  })
  return {
    settled: (settlement, code, messages) => {
      metrics.updatesSettled(facts.channel, OUTCOMES[settlement], messages)
      if (code !== null) aside.inc({ code, to: PLACES[settlement] }, messages)
    },
    groupCommitted: metrics.groupCommitted,
    storeUp: metrics.storeUp,
    gauge: (name, help) => {
      const gauge = new Gauge({ name, help, labelNames: ['part'], registers })
      return (value, part = 'all') => (value === null ? gauge.remove({ part }) : gauge.set({ part }, value))
    },
    counter: (name, help) => {
      const counter = new Counter({ name, help, registers })
      return (by = 1) => counter.inc(by)
    },
    render: async () => {
      const { contentType, body } = await metrics.render()
      return { contentType, body: `${body.trimEnd()}\n${await register.metrics()}` }
    },
    stop: metrics.stop,
  }
}

const OUTCOMES: Readonly<Record<Settlement, string>> = {
  applied: 'applied',
  duplicate: 'duplicate',
  dead: 'refused',
  kept: 'refused',
  away: 'unavailable',
}

const PLACES: Readonly<Record<Settlement, string>> = {
  applied: '',
  duplicate: '',
  dead: 'dead_letters',
  kept: 'store',
  away: 'queue',
}
