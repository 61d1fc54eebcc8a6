import type { Input, Output } from '../context.ts'

export type Copied =
  | { readonly kind: 'ended' | 'stopped' | 'reader gone' }
  | { readonly kind: 'broken'; readonly error: Error }

const LF = 0x0a
/** A signal to a whole pipeline also ends its writers; so long an end waits for the signal that may have been its cause. */
const SIGNAL_GRACE_MS = 50

/** Copies byte for byte, no faster than the reader takes it, and tells the lines of what has been taken. */
export const copyLines = async (
  from: Input,
  to: Output,
  stop: AbortSignal,
  onLines: (count: number) => void,
): Promise<Copied> => {
  let wake: (() => void) | null = null
  /** A race against the signal that leaves nothing behind, however often it is run. */
  const unlessStopped = <T>(work: Promise<T>): Promise<T | 'stopped'> =>
    new Promise((done, failed) => {
      wake = () => done('stopped')
      if (stop.aborted) wake()
      work.then(done, failed)
    })
  stop.addEventListener('abort', () => wake?.(), { once: true })
  let failure: NodeJS.ErrnoException | null = null
  to.on('error', (error: NodeJS.ErrnoException) => {
    failure ??= error
  })
  let openLine = false
  const chunks = from[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>
  try {
    for (;;) {
      const next = await unlessStopped(chunks.next())
      if (next === 'stopped') return { kind: 'stopped' }
      if (next.done === true) break
      if ((await unlessStopped(write(to, next.value))) === 'stopped') return { kind: 'stopped' }
      onLines(countLines(next.value))
      openLine = next.value.at(-1) !== LF
    }
    const grace = new Promise<void>((over) => setTimeout(over, SIGNAL_GRACE_MS))
    if ((await unlessStopped(grace)) === 'stopped') return { kind: 'stopped' }
    if (openLine) onLines(1)
    return { kind: 'ended' }
  } catch (error) {
    const cause = failure ?? (error as NodeJS.ErrnoException)
    return cause.code === 'EPIPE' ? { kind: 'reader gone' } : { kind: 'broken', error: cause }
  } finally {
    from.destroy()
  }
}

const write = (to: Output, chunk: Buffer): Promise<void> =>
  new Promise((taken, failed) => {
    to.write(chunk, (error) => (error === null || error === undefined ? taken() : failed(error)))
  })

const countLines = (bytes: Buffer): number => {
  let count = 0
  for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, at + 1)) count++
  return count
}
