import type { HttpProcess } from './start-http-process.ts'

/** How late the event loop of a process was since it was last asked: the 99th percentile, ms. */
export const eventLoopDelay = async ({ url }: Pick<HttpProcess, 'url'>): Promise<number> => {
  const metrics = await (await fetch(`${url}/metrics`)).text()
  const [, seconds] = /^pebbles_event_loop_delay_seconds\{quantile="0.99"\} (\S+)$/m.exec(metrics) ?? []
  if (seconds === undefined) throw new Error(`no delay in ${metrics}`)
  return Number(seconds) * 1_000
}

/** What a process may take at once, ms: others wait for no longer, whatever it is asked to do. */
export const LONGEST_DELAY_MS = 100
