const CLIENT = 'krn:acme:client:1'

const update = (n: number, facts: object = {}): object => ({
  // Unknown fields are ignored; this one tells the messages apart.
  n,
  clientKrn: CLIENT,
  email: 'ada@example.com',
  filename: 'orders.csv',
  counts: { done: 1, warn: 0, failed: 0 },
  ...facts,
})

/** Messages in phases: each phase is sent when the one before it is settled. Every way in must make the same of them. */
export const DRIVEN_PHASES: readonly (readonly object[])[] = [
  [
    update(1, {
      total: 100,
      errors: [{ line: 3, message: 'amount 12.5 is too large' }, { message: 'amount 7 is too large' }],
    }),
    update(2, { updateId: 'second', warnings: [{ line: 9, message: 'no date' }] }),
    update(3, { updateId: 'second', warnings: [{ line: 9, message: 'no date' }] }),
    update(4, { updateId: 'second', counts: { done: 2, warn: 0, failed: 0 } }),
    update(5, { email: 'eve@example.com' }),
    update(6, { counts: { done: -1, warn: 0, failed: 0 } }),
    update(7, { clientKrn: 'acme' }),
    update(8, { email: undefined }),
    update(9, { clientKrn: 'krn:globex:client:1', email: 'eve@example.com' }),
    update(10, { filename: 'full.csv', counts: { done: Number.MAX_SAFE_INTEGER, warn: 0, failed: 0 } }),
    update(11, { filename: 'full.csv', counts: { done: 1, warn: 0, failed: 0 } }),
    update(12, { total: 0 }),
    update(13, { filename: 'été ☂.csv', counts: { done: 0, warn: 0, failed: 0 } }),
    update(14, { total: 120 }),
  ],
  [update(15, { updateId: 'last', isLast: true, outcome: 'failed', reason: 'half of it is missing' })],
  [
    update(16, { updateId: 'last', isLast: true, outcome: 'failed', reason: 'half of it is missing' }),
    update(17, { counts: { done: 50, warn: 0, failed: 0 } }),
  ],
]

export const DRIVEN_FILES: readonly (readonly [client: string, filename: string])[] = [
  [CLIENT, 'orders.csv'],
  [CLIENT, 'full.csv'],
  [CLIENT, 'été ☂.csv'],
  ['krn:globex:client:1', 'orders.csv'],
]
