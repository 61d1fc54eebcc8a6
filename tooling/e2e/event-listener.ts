import { setTimeout as sleep } from 'node:timers/promises'

/** One who listens to a client's events as a page does: comes back by itself, to where it was. */
export interface EventListener extends AsyncDisposable {
  /** When (of `performance.now`) it was told of a file with at least so many lines done. */
  readonly told: (filename: string, done: number) => Promise<number>
  /** The lines done of each file, as last told. */
  readonly newest: ReadonlyMap<string, number>
  /** How often it heard that the stream is alive, and how often it was told to load anew. */
  readonly heard: Readonly<Record<'comments' | 'resets', number>>
}

const AGAIN_MS = 200

/** Resolves when the server has said hello. */
export const startListener = async (url: string, client: string): Promise<EventListener> => {
  const newest = new Map<string, number>()
  const heard = { comments: 0, resets: 0 }
  const waiting = new Set<{ filename: string; done: number; found: (at: number) => void }>()
  const leaving = new AbortController()
  const hello = Promise.withResolvers<void>()
  let lastId: string | undefined

  const take = (event: string): void => {
    const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(event)?.[1]
    lastId = field('id') ?? lastId
    if (event.startsWith(':')) heard.comments += 1
    if (field('event') === 'reset') heard.resets += 1
    if (field('event') === 'hello') hello.resolve()
    if (field('event') !== 'progress') return
    const { filename, counts } = JSON.parse(field('data') ?? '') as { filename: string; counts: { done: number } }
    newest.set(filename, counts.done)
    for (const wait of waiting)
      if (wait.filename === filename && counts.done >= wait.done) {
        waiting.delete(wait)
        wait.found(performance.now())
      }
  }
  const listen = async (): Promise<void> => {
    const response = await fetch(`${url}/clients/${client}/progress/events`, {
      headers: lastId === undefined ? {} : { 'last-event-id': lastId },
      signal: leaving.signal,
    })
    if (response.status !== 200 || response.body === null) return
    let text = ''
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      events.forEach(take)
    }
  }
  const listening = (async () => {
    while (!leaving.signal.aborted) {
      // A stream that broke is opened again, like one that was refused.
      await listen().catch(() => undefined)
      await sleep(AGAIN_MS)
    }
  })()
  await hello.promise
  return {
    ...{ newest, heard },
    told: (filename, done) =>
      new Promise((found) => {
        if ((newest.get(filename) ?? -1) >= done) found(performance.now())
        else waiting.add({ filename, done, found })
      }),
    [Symbol.asyncDispose]: async () => {
      leaving.abort()
      await listening
    },
  }
}
