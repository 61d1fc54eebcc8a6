import { describe, it } from 'vitest'
import { completionLock } from './completion-lock.ts'
import { concurrency } from './concurrency.ts'
import { creatorLock } from './creator-lock.ts'
import { feed } from './feed.ts'
import { idempotency } from './idempotency.ts'
import { issues } from './issues.ts'
import { lifecycle } from './lifecycle.ts'
import { listing } from './listing.ts'
import { fileMoves } from './moves.ts'
import { records } from './records.ts'
import { REJECTED_MESSAGES, rejectedMessages } from './rejected.ts'
import type { ContractCase, Subject } from './subject.ts'
import { tenantIsolation } from './tenant-isolation.ts'

/** What every store promises, by behaviour. */
export const PROGRESS_STORE_CONTRACT: Readonly<Record<string, readonly ContractCase[]>> = {
  records,
  'creator lock': creatorLock,
  'completion lock': completionLock,
  idempotency,
  concurrency,
  'tenant isolation': tenantIsolation,
  listing,
  issues,
  lifecycle,
  feed,
  'file moves': fileMoves,
  [REJECTED_MESSAGES]: rejectedMessages,
}

/** Holds a store to the contract. `open` gives a fresh, empty subject for each test. */
export const describeProgressStore = ({
  name,
  open,
}: {
  readonly name: string
  readonly open: () => Promise<Subject>
}): void => {
  describe(`${name} keeps the store's contract`, () => {
    for (const [behaviour, cases] of Object.entries(PROGRESS_STORE_CONTRACT)) {
      describe(behaviour, () => {
        for (const { title, run } of cases) {
          it(title, { timeout: 30_000 }, async ({ skip }) => {
            await using subject = await open()
            if (behaviour === REJECTED_MESSAGES && subject.store.rejected === undefined)
              return skip('this store keeps no rejected messages')
            await run(subject)
          })
        }
      })
    }
  })
}
