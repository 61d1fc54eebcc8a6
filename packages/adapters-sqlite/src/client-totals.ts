import type { DatabaseSync } from 'node:sqlite'
import type { ClientKrn, Counts, EndState } from '@pebbles/core'

/** What a group of changes adds to the sums of its clients: collected change by change, written once for each client. */
export interface ClientTotals {
  readonly add: (client: ClientKrn, delta: TotalsDelta) => void
  readonly write: () => void
}

export interface TotalsDelta {
  readonly files: 1 | 0 | -1
  /** The end that a file came to, or took away with it. */
  readonly ended: EndState | null
  readonly from: Counts
  readonly to: Counts
}

const LOW_BITS = 52n
const LOW_MASK = (1n << LOW_BITS) - 1n

/** A sum is kept as high * 2^52 + low, so that no addition of SQLite's can overflow. */
export const joinSum = (high: number, low: number): bigint => (BigInt(high) << LOW_BITS) + BigInt(low)

/** Begins with nothing collected at each call: once for each transaction. */
export const prepareClientTotals = (db: DatabaseSync): (() => ClientTotals) => {
  const raise = (name: string) =>
    `${name}_high = ${name}_high + excluded.${name}_high + ((${name}_low + excluded.${name}_low) >> ${LOW_BITS}),
     ${name}_low = (${name}_low + excluded.${name}_low) & ${LOW_MASK}`
  const upsert = db.prepare(`
    INSERT INTO client VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
      files = files + excluded.files, succeeded = succeeded + excluded.succeeded,
      failed = failed + excluded.failed, cancelled = cancelled + excluded.cancelled,
      ${raise('done')}, ${raise('warn')}, ${raise('failed_lines')}`)

  return () => {
    const clients = new Map<ClientKrn, ReturnType<typeof nothing>>()
    return {
      add: (client, { files, ended, from, to }) => {
        const sums = clients.get(client) ?? nothing()
        clients.set(client, sums)
        sums.files += files
        if (ended !== null) sums.ended[ended] += files < 0 ? -1 : 1
        sums.lines[0] += BigInt(to.done - from.done)
        sums.lines[1] += BigInt(to.warn - from.warn)
        sums.lines[2] += BigInt(to.failed - from.failed)
      },
      write: () => {
        for (const [client, { files, ended, lines }] of clients) {
          const halves = lines.flatMap((sum) => [sum >> LOW_BITS, sum & LOW_MASK])
          upsert.run(client, files, ended.succeeded, ended.failed, ended.cancelled, ...halves)
        }
      },
    }
  }
}

const nothing = () => ({
  files: 0,
  ended: { succeeded: 0, failed: 0, cancelled: 0 },
  lines: [0n, 0n, 0n] as [bigint, bigint, bigint],
})
