import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { createMetrics, type Metrics } from './metrics.ts'

const made: Metrics[] = []
const create = (): Metrics => {
  const facts = { version: '1.2.3', process: 'http-api', channels: ['http', 'sqs'], legacyRoutes: ['/progress'] }
  const metrics = createMetrics(facts)
  made.push(metrics)
  return metrics
}
afterEach(async () => void (await Promise.all(made.splice(0).map(({ stop }) => stop()))))

const samplesOf = async (metrics: Metrics): Promise<ReadonlyMap<string, number>> => {
  const { body } = await metrics.render()
  const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    samples.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))] as const
    }),
  )
}

it('shows from the start, at 0, every set of labels that is known', async () => {
  const samples = await samplesOf(create())
  for (const channel of ['http', 'sqs'])
    for (const outcome of ['applied', 'duplicate', 'refused', 'unavailable'])
      expect(samples.get(`pebbles_updates_total{channel="${channel}",outcome="${outcome}"}`)).toBe(0)
  expect(samples.get('pebbles_legacy_requests_total{route="/progress"}')).toBe(0)
  expect(samples.get('pebbles_http_requests_in_flight')).toBe(0)
  expect(samples.get('pebbles_build_info{version="1.2.3",process="http-api"}')).toBe(1)
  expect(samples.get('pebbles_group_updates_count')).toBe(0)
  expect(samples.get('pebbles_commit_duration_seconds_count')).toBe(0)
  expect(samples.get('pebbles_store_up')).toBe(0)
})

it('tells memory, processor and open files of the process', async () => {
  const samples = await samplesOf(create())
  expect(samples.get('pebbles_process_resident_memory_bytes')).toBeGreaterThan(1e6)
  expect(samples.get('pebbles_process_cpu_seconds_total')).toBeGreaterThan(0)
  expect(samples.get('pebbles_nodejs_heap_size_used_bytes')).toBeGreaterThan(1e6)
  if (process.platform === 'linux') expect(samples.get('pebbles_process_open_fds')).toBeGreaterThan(0)
})

it('counts requests, updates and groups', async () => {
  const metrics = create()
  const route = '/clients/{clientKrn}/progress'
  metrics.requestStarted()
  metrics.requestStarted()
  metrics.requestFinished({ method: 'POST', route, status: 200, seconds: 0.02 })
  metrics.updatesSettled('http', 'applied')
  metrics.updatesSettled('http', 'applied')
  metrics.legacyRequest('/progress')
  metrics.groupCommitted({ updates: 3, files: 2, ms: 4 })
  metrics.storeUp(true)
  const samples = await samplesOf(metrics)
  const labels = `method="POST",route="${route}",status="200"`
  expect(samples.get('pebbles_http_requests_in_flight')).toBe(1)
  expect(samples.get(`pebbles_http_request_duration_seconds_count{${labels}}`)).toBe(1)
  expect(samples.get(`pebbles_http_request_duration_seconds_sum{${labels}}`)).toBe(0.02)
  expect(samples.get('pebbles_updates_total{channel="http",outcome="applied"}')).toBe(2)
  expect(samples.get('pebbles_legacy_requests_total{route="/progress"}')).toBe(1)
  expect(samples.get('pebbles_group_updates_sum')).toBe(3)
  expect(samples.get('pebbles_commit_duration_seconds_sum')).toBe(0.004)
  expect(samples.get('pebbles_store_up')).toBe(1)
})

it('has as many series after a thousand strange methods as after one', async () => {
  const metrics = create()
  const ask = (method: string): void => metrics.requestFinished({ method, route: '/a', status: 501, seconds: 0 })
  ask('BREW')
  const before = (await samplesOf(metrics)).size
  for (let index = 0; index < 1_000; index++) ask(`BREW${index}`)
  expect((await samplesOf(metrics)).size).toBe(before)
  expect(before).toBeLessThan(500)
})

it('begins every name with pebbles_, and tells each what it is', async () => {
  const { contentType, body } = await create().render()
  expect(contentType).toMatch(/^text\/plain; version=/)
  const named = body.split('\n').filter((line) => line.startsWith('# HELP '))
  expect(named.length).toBeGreaterThan(20)
  for (const line of named) expect(line).toMatch(/^# HELP pebbles_[a-z0-9_]+ \S/)
})

it('measures how late the event loop is, without the step of its own timer', async () => {
  const metrics = create()
  await delay(30)
  const until = performance.now() + 150
  while (performance.now() < until);
  await delay(30)
  const samples = await samplesOf(metrics)
  const worst = samples.get('pebbles_event_loop_delay_seconds{quantile="1"}') ?? 0
  const median = samples.get('pebbles_event_loop_delay_seconds{quantile="0.5"}') ?? 1
  expect(worst).toBeGreaterThan(0.1)
  expect(median).toBeLessThan(worst)
})
