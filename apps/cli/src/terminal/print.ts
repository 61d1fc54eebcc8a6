import type { Output } from '../context.ts'

/** Writes text as it is, with a line end. Resolves when the stream has taken it. */
export const printLine = (stream: Output, text: string): Promise<void> =>
  new Promise((taken, failed) => {
    stream.write(`${text}\n`, (error) => (error === null || error === undefined ? taken() : failed(error)))
  })

/** One value for programs, on one line. */
export const printJson = (stream: Output, value: unknown): Promise<void> => printLine(stream, JSON.stringify(value))
