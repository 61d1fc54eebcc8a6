import { aToken, type HttpProcess } from './start-http-process.ts'

export const CLIENT = 'krn:acme:client:prod-001'

/** Reports to a process, as whoever the claims say. */
export const createReporter =
  ({ url }: Pick<HttpProcess, 'url'>, client = CLIENT, claims: Record<string, unknown> = {}) =>
  async (filename: string, update: Record<string, unknown> = {}): Promise<void> => {
    const response = await fetch(`${url}/clients/${client}/progress`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await aToken(claims)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ filename, counts: { done: 1, warn: 0, failed: 0 }, ...update }),
    })
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  }

/** Issues of three patterns: two thirds, a quarter, and the rest. */
export const someIssues = (count: number): { line: number; message: string }[] =>
  Array.from({ length: count }, (_, index) => ({
    line: index + 1,
    message:
      index % 12 < 8
        ? `Invalid amount ${index}.50 EUR in column "net ${index % 3}"`
        : index % 12 < 11
          ? `Unknown customer ${100_000 + index}`
          : 'The row is empty',
  }))
