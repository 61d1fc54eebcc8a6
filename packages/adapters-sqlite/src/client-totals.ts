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
        sums.done.add(to.done - from.done)
        sums.warn.add(to.warn - from.warn)
        sums.failed.add(to.failed - from.failed)
      },
      write: () => {
        for (const [client, { files, ended, done, warn, failed }] of clients) {
          const halves = [done, warn, failed]
            .map((sum) => sum.total())
            .flatMap((sum) => [sum >> LOW_BITS, sum & LOW_MASK])
          upsert.run(client, files, ended.succeeded, ended.failed, ended.cancelled, ...halves)
        }
      },
    }
  }
}

const nothing = () => ({
  files: 0,
  ended: { succeeded: 0, failed: 0, cancelled: 0 },
  done: createSum(),
  warn: createSum(),
  failed: createSum(),
})

/** Exact, and without a big integer as long as a number holds it. */
const createSum = () => {
  let large = 0n
  let small = 0
  return {
    add: (delta: number): void => {
      const sum = small + delta
      if (Number.isSafeInteger(sum)) {
        small = sum
        return
      }
      large += BigInt(small)
      small = delta
    },
    total: (): bigint => large + BigInt(small),
  }
}
