export interface LiveEvent {
  readonly event: string
  readonly id: string
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts on what it reads
  readonly data: any
}

export interface EventReader extends AsyncDisposable {
  readonly status: number
  readonly headers: Headers
  /** The next event that passes; waits for it. */
  readonly next: (passes?: (event: LiveEvent) => boolean) => Promise<LiveEvent>
  readonly ended: Promise<void>
}

/** Reads server-sent events by fetch, as a page does. */
export const readEvents = async (url: string, headers: Record<string, string> = {}): Promise<EventReader> => {
  const abort = new AbortController()
  const response = await fetch(url, { headers, signal: abort.signal })
  const arrived: LiveEvent[] = []
  let wake = (): void => undefined
  const pump = async (): Promise<void> => {
    let text = ''
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const fields = new Map(
          block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
        )
        const data = fields.get('data')
        if (data !== undefined)
          arrived.push({ event: fields.get('event') ?? 'message', id: fields.get('id') ?? '', data: JSON.parse(data) })
      }
      wake()
    }
  }
  const ended = pump().catch(() => undefined)
  return {
    status: response.status,
    headers: response.headers,
    ended,
    next: async (passes = () => true) => {
      for (;;) {
        const event = arrived.shift()
        if (event !== undefined && passes(event)) return event
        if (event === undefined) {
          await new Promise<void>((resolve, reject) => {
            wake = resolve
            void ended.then(() => reject(new Error('the stream ended')))
          })
        }
      }
    },
    [Symbol.asyncDispose]: async () => {
      abort.abort()
      await ended
    },
  }
}
