export { type MaskedMessage, maskMessage } from './patterns/mask-message.ts'
export { createPatternTable, type PatternRow, type PatternTable } from './patterns/pattern-table.ts'
export { patternText, patternValues } from './patterns/template.ts'
export type { ChangeFeed, FeedEvent, FeedPage, FeedPosition } from './ports/change-feed.ts'
export type { Clock } from './ports/clock.ts'
export type { FileMoves, MoveObstacle, MoveRequest, MoveResult } from './ports/file-moves.ts'
export type {
  ClientSums,
  HistoryRow,
  ListFilter,
  ListPosition,
  ProgressReader,
  StoredIssue,
  StreamRef,
} from './ports/progress-reader.ts'
export {
  type Change,
  type CommitResult,
  isStoreUnavailable,
  type Known,
  type KnownUpdate,
  type Opened,
  type OpenRequest,
  type ProgressStore,
  StoreUnavailable,
} from './ports/progress-store.ts'
export {
  type KeptMessage,
  payloadBytes,
  REJECTED_MAX_BYTES,
  REJECTED_MESSAGE_MAX_BYTES,
  type RejectedMessage,
  type RejectedMessages,
  type RejectedSize,
  rejectedBytes,
} from './ports/rejected-messages.ts'
export { addCounts, type Counts, MAX_COUNT, NO_COUNTS, processed } from './progress/counts.ts'
export { decide, type Standing } from './progress/decide.ts'
export { type Birth, evolve, topPatterns } from './progress/evolve.ts'
export {
  type Completion,
  type FileId,
  type FileState,
  type FileStatus,
  type FormerLife,
  type IssueDigest,
  statusOf,
  type TopPattern,
} from './progress/file-state.ts'
export { type ByKind, ISSUE_KINDS, type Issue, type IssueColumns, type IssueKind } from './progress/issue.ts'
export type { AppliedUpdate, ClosingEntry, JournalEntry, UpdateEntry } from './progress/journal-entry.ts'
export { etaOf, type Pace, rateOf } from './progress/pace.ts'
export { type ProgressRefusal, REFUSALS, type RefusalCode } from './progress/refusals.ts'
export {
  type Channel,
  type EndState,
  isInner,
  isNamedByCaller,
  type RecordUpdate,
  type UpdateId,
} from './progress/update.ts'
export { createMemory } from './stores/bounded-memory.ts'
export { createRecentStates, type RecentStates } from './stores/recent-states.ts'
export { type ClientKrn, parseClientKrn } from './tenancy/client-krn.ts'
export { type Email, parseEmail } from './tenancy/email.ts'
export { fileKey } from './tenancy/file-key.ts'
export { type FileName, foldName, parseFileName } from './tenancy/file-name.ts'
export {
  createMoveFiles,
  type MoveFiles,
  type MoveFilesDeps,
  type MovePlan,
  type MoveSelection,
} from './use-cases/move-files.ts'
export type { Outcome, TouchedIssues } from './use-cases/outcome.ts'
export { patternId } from './use-cases/pattern-id.ts'
export { createReadPlain, type PlainFile, type ReadPlain } from './use-cases/read-plain.ts'
export {
  createReadProgress,
  type FileRecord,
  type IssuePage,
  type IssueQuery,
  type ReadProgress,
} from './use-cases/read-progress.ts'
export { createRecorder, type Recorder, type RecorderDeps } from './use-cases/record-updates.ts'
export { createRemoveFile, type Removal, type RemoveFile } from './use-cases/remove-file.ts'
