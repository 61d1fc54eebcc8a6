/** As docs/guides/scale.md has them. */
export const SHARD_KEYS: readonly (readonly [collection: string, key: Readonly<Record<string, unknown>>])[] = [
  ['progress', { clientKrn: 1, filename: 1 }],
  ['progress_former', { clientKrn: 1, filename: 1 }],
  ['progress_behind', { clientKrn: 1, filename: 1 }],
  ['journal', { fileId: 'hashed' }],
  ['patterns', { fileId: 'hashed' }],
  ['journal_issues', { fileId: 'hashed', version: 1 }],
]
