export type {
  ClientRow,
  FormerResult,
  FullRecord,
  HistoryAnswerRow,
  IssueRow,
  PatternAnswer,
  PatternSummary,
  ProgressRecord,
  Summary,
  UpdateAnswer,
  UpdateResult,
} from './answer/answer-schema.ts'
export { legacyAnswerOf, legacyRecordOf } from './answer/legacy-answer.ts'
export { type AsOf, fullRecordOf, recordOf } from './answer/record.ts'
export { clientRowOf, historyRowOf, issueRowsOf, summaryOf } from './answer/rows.ts'
export { updateAnswerOf } from './answer/update-answer.ts'
export type { BodyError } from './body/body-error.ts'
export { batchId, callerId, canonicalChunks, canonicalUpdate } from './body/canonical-update.ts'
export { exceedsDepth, MAX_DEPTH, type ParsedJson, parseJson, parseJsonInSteps } from './body/parse-json.ts'
export {
  type ParsedBatch,
  type ParsedBody,
  type ParsedUpdate,
  type ParseOptions,
  parseBatchBody,
  parseUpdateBody,
  parseUpdateBodyInSlices,
} from './body/parse-update.ts'
export { BatchBodySchema, UpdateBodySchema, UpdateMessageSchema } from './body/update-schema.ts'
export { asyncApiDocument } from './document/asyncapi.ts'
export { type LegacyGuideFacts, legacyGuidePage } from './document/legacy-guide.ts'
export { type OpenApiOptions, openApiDocument } from './document/openapi.ts'
export { type OperationId, ROUTES, type Route, type RouteAuth } from './document/routes.ts'
export { type Cell, csvLine, ndjsonRow, recordCsvHeader, recordCsvRow } from './export/csv.ts'
export { type ParsedKey, parseIdempotencyKey } from './header/idempotency-key.ts'
export { parseRequestId, parseTraceparent, type TraceParent } from './header/tracing.ts'
export {
  type IdRule,
  type MessageOptions,
  type MessageOrigin,
  type MessageRefusal,
  type ParsedMessage,
  parseMessage,
  UPDATE_ID_ATTRIBUTE,
} from './message/parse-message.ts'
export { PROBLEM_TYPE, type Problem, type ProblemFacts, ProblemSchema, problemOf } from './problem/problem.ts'
export { isRefusalCode, PROBLEMS, type ProblemKind, statusOfCode } from './problem/problem-codes.ts'
export { type PageOptions, problemIndexPage, problemPage, renderErrorsReference } from './problem/problem-page.ts'
export { historyCursor, issuesCursor, listCursor, nextQuery, type PageScope } from './query/cursor.ts'
export {
  type FileQuery,
  type HistoryQuery,
  type IssuesQuery,
  type ListQuery,
  parseEventsQuery,
  parseFileQuery,
  parseHistoryQuery,
  parseIssuesQuery,
  parseProgressQuery,
} from './query/parse-query.ts'
export { decodeSegment, type Parsed } from './query/read-parameters.ts'
