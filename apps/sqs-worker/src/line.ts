/** Answers that are waited for until somebody hangs up. */
export interface Line {
  /** The answer; rejects when it was hung up before it came. */
  readonly wait: <T>(answer: Promise<T>) => Promise<T>
  /** Nobody waits for an answer any longer. */
  readonly hangUp: () => void
}

/** Not an `AbortSignal`: it looks at all its listeners for each new one, and dozens of polls wait at once. */
export const createLine = (): Line => {
  const waiting = new Set<(error: Error) => void>()
  return {
    wait: (answer) =>
      new Promise((resolve, reject) => {
        waiting.add(reject)
        answer.then(
          (value) => {
            waiting.delete(reject)
            resolve(value)
          },
          (error: unknown) => {
            waiting.delete(reject)
            reject(error)
          },
        )
      }),
    hangUp: () => {
      for (const reject of waiting) reject(new Error('hung up'))
      waiting.clear()
    },
  }
}
