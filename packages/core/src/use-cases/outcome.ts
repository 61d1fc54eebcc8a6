import type { PatternRow } from '../patterns/pattern-table.ts'
import type { Standing } from '../progress/decide.ts'
import type { FormerLife } from '../progress/file-state.ts'
import type { ByKind } from '../progress/issue.ts'
import type { ProgressRefusal } from '../progress/refusals.ts'

/** The patterns that one update's issues fell under: a number for each issue, and the row of each number. */
export interface TouchedIssues {
  readonly numbers: readonly number[]
  readonly rows: ReadonlyMap<number, PatternRow>
}

/** What became of one update. Exactly one comes back for each, in order. */
export type Outcome =
  | {
      readonly kind: 'applied'
      /** The file's first update. */
      readonly created: boolean
      /** The file right after this update. */
      readonly file: Standing
      readonly touched: ByKind<TouchedIssues>
    }
  | {
      readonly kind: 'duplicate'
      readonly life: 'present'
      readonly created: boolean
      /** The file as it stands now. */
      readonly file: Standing
      readonly touched: ByKind<TouchedIssues>
    }
  | { readonly kind: 'duplicate'; readonly life: FormerLife['state']; readonly created: boolean }
  | { readonly kind: 'refused'; readonly code: ProgressRefusal }
  /** The store did not answer: it may or may not have been applied. A repeat under the same id is safe. */
  | { readonly kind: 'unavailable'; readonly cause: unknown }
