import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, createCaller, type HttpCaller } from './http-caller.ts'

/** One update: one line done, and an issue with its number, by which it is found again. */
export interface Update {
  readonly n: number
  readonly path: string
  readonly filename: string
}

export interface LoadOptions {
  readonly ports: readonly number[]
  readonly token: string
  /** Of the n-th update. */
  readonly place: (n: number) => { readonly client: string; readonly filename: string }
  readonly callers?: number
  /** Whether the n-th update is sent to each process at once. */
  readonly isSentTwice?: (n: number) => boolean
}

export interface Load {
  /** Resolves when each process has acknowledged an update that was sent from now on. */
  readonly serves: () => Promise<void>
  /** Resolves when each process has refused one. */
  readonly refuses: () => Promise<void>
  readonly stop: () => Promise<Told>
}

export interface Told {
  readonly acknowledged: readonly Update[]
  /** Answered by 503, and by nothing else so far. */
  readonly unknown: readonly Update[]
  /** Answers that are neither 200 nor a 503 that says when to come back. */
  readonly others: readonly string[]
  /** The longest that a caller waited for an answer, ms. */
  readonly slowest: number
}

/** As an impatient program would; a patient one waits for as long as it is told. */
const AGAIN_MS = 100

/**
 * Callers that report without end, each one update after the other, under keys. Half of them ask again until they are
 * answered, under the same key; the others go on with something else.
 */
export const startLoad = (options: LoadOptions): Load => {
  const { ports, token, place, callers = 12, isSentTwice = () => false } = options
  const acknowledged: Update[] = []
  const unknown = new Map<number, Update>()
  const others: string[] = []
  const waiting = new Set<{ port: number; status: number; after: number; done: () => void }>()
  let slowest = 0
  let sent = 0
  let running = true

  const caller = async (port: number): Promise<void> => {
    using http = createCaller(port)
    using stack = new DisposableStack()
    const elsewhere = ports.filter((other) => other !== port).map((other) => stack.use(createCaller(other)))
    while (running) {
      const n = sent
      sent += 1
      const { client, filename } = place(n)
      const update = { n, path: `/clients/${client}/progress`, filename }
      do {
        const began = performance.now()
        const senders = isSentTwice(n) ? [http, ...elsewhere] : [http]
        const answers = await Promise.all(senders.map((sender) => sendUpdate(sender, token, update)))
        // What one of them acknowledged is acknowledged, whatever the other says.
        const answer = (answers.find(isOther) ?? answers.find(({ status }) => status === 200) ?? answers[0]) as Answer
        slowest = Math.max(slowest, performance.now() - began)
        if (answer.status === 200) {
          acknowledged.push(update)
          unknown.delete(n)
        } else if (!isOther(answer)) unknown.set(n, update)
        else others.push(JSON.stringify([answer.status, answer.headers, answer.json]))
        for (const wait of waiting)
          if (wait.port === port && wait.status === answer.status && began >= wait.after) {
            waiting.delete(wait)
            wait.done()
          }
        if (unknown.has(n)) await sleep(AGAIN_MS)
      } while (running && n % 2 === 0 && unknown.has(n))
    }
  }
  const calling = Promise.all(
    Array.from({ length: callers }, (_, index) => caller(ports[index % ports.length] as number)),
  )
  const each = async (status: number): Promise<void> => {
    const after = performance.now()
    const heard = ports.map((port) => new Promise<void>((done) => waiting.add({ port, status, after, done })))
    // A caller that fails ends the wait, too.
    await Promise.race([Promise.all(heard), calling])
  }
  return {
    serves: () => each(200),
    refuses: () => each(503),
    stop: async () => {
      running = false
      await calling
      return { acknowledged, unknown: [...unknown.values()], others, slowest }
    },
  }
}

const isOther = ({ status, headers }: Answer): boolean =>
  status !== 200 && !(status === 503 && Number(headers['retry-after']) > 0)

export const sendUpdate = (http: HttpCaller, token: string, { n, path, filename }: Update): Promise<Answer> =>
  http.call({
    path,
    token,
    headers: { 'idempotency-key': `update-${n}` },
    body: { filename, counts: { done: 1, warn: 0, failed: 0 }, errors: [{ line: n + 1, message: `trouble in ${n}` }] },
  })

/** The numbers of the updates that a file has, each as often as it was applied; its sums and its history agree. */
export const appliedTo = async (http: HttpCaller, path: string, filename: string): Promise<readonly number[]> => {
  const file = `filename=${encodeURIComponent(filename)}`
  const record = (await http.call({ path: `${path}?${file}` })).json
  const issues = await everyRow(http, `${path}/issues?${file}&limit=1000`)
  const history = await everyRow(http, `${path}/history?${file}&limit=1000`)
  const sum = (of: (row: (typeof history)[number]) => number): number => history.reduce((all, row) => all + of(row), 0)
  const told = {
    done: record.counts?.done,
    issues: record.issueCounts?.errors,
    updates: sum(({ updates }) => updates),
    lines: sum(({ counts }) => counts.done),
    versions: history.map(({ version }) => version),
  }
  const wanted = {
    done: issues.length,
    issues: issues.length,
    updates: issues.length,
    lines: issues.length,
    versions: history.map((_, index) => index + 1),
  }
  if (JSON.stringify(told) !== JSON.stringify(wanted))
    throw new Error(`${filename} does not add up: ${JSON.stringify(told)} instead of ${JSON.stringify(wanted)}`)
  return issues.map(({ line }) => line - 1)
}

// biome-ignore lint/suspicious/noExplicitAny: a test asserts on what it reads
const everyRow = async (http: HttpCaller, first: string): Promise<any[]> => {
  const rows = []
  for (let path: string | undefined = first; path !== undefined; ) {
    const page: Answer = await http.call({ path })
    rows.push(...page.json)
    path = /^<http:\/\/[^/]+([^>]+)>/.exec(String(page.headers['link'] ?? ''))?.[1]
  }
  return rows
}
