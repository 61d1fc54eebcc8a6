import * as z from 'zod'
import { ClientKrnSchema, CountsSchema, OutcomeSchema } from '../body/update-schema.ts'

const FILENAME = { description: 'As it was sent.', example: 'orders-2026-01.csv' }
const TOTAL = {
  description: 'How many lines there are; null while nobody said. Processed lines may pass it.',
  example: 1000,
}

const time = (description: string): z.ZodString =>
  z.string().meta({ format: 'date-time', description, example: '2026-01-15T12:00:00.000Z' })

export const StatusSchema = z.enum(['running', 'stalled', 'completed', 'failed', 'cancelled']).meta({
  id: 'Status',
  description: 'Where a file stands; `stalled` when it did not end and was silent for long (`STALLED_AFTER_MS`).',
})

const PatternId = z.string().meta({ description: 'Never changes, though the text may widen.', example: 'e1' })
const PatternText = z.string().meta({
  description: 'The message with its values replaced: `{NUMBER}`, `{VARIABLE}` and others.',
  example: 'Amount {NUMBER} is not a number',
})
const PatternCount = z.int().meta({ description: 'How many issues of the file fall under it.', example: 42 })
const Line = z.int().nullable().meta({ example: 17 })
const Values = z
  .array(z.string())
  .meta({ description: 'What stood in the places of the pattern, in order.', example: ['12,50'] })

const PatternSummarySchema = z
  .object({ id: PatternId, pattern: PatternText, count: PatternCount })
  .meta({ id: 'PatternSummary' })

const PatternSchema = z
  .object({
    id: PatternId,
    pattern: PatternText,
    count: PatternCount,
    lines: z.array(z.object({ line: Line, values: Values })),
  })
  .meta({ id: 'Pattern', description: 'Issues that differ in their values only.' })

const recordFields = {
  id: z.string().meta({ description: 'Names this life of the file; a name used anew has another.' }),
  clientKrn: ClientKrnSchema,
  filename: z.string().meta(FILENAME),
  email: z.string().meta({ description: 'The owner: who reported first.', example: 'loader@example.com' }),
  counts: CountsSchema,
  total: z.int().nullable().meta(TOTAL),
  isCompleted: z.boolean(),
  outcome: OutcomeSchema.nullable(),
  reason: z.string().nullable(),
  createdAt: time('When the first update came.'),
  updatedAt: time('When the last update came; never goes back.'),
  completedAt: time('When it ended, or null.').nullable(),
  issueCounts: z
    .object({ errors: z.int(), warnings: z.int() })
    .meta({ description: 'All issues, in patterns shown or not.' }),
  version: z.int().meta({ description: 'One more with each commit.', example: 7 }),
  rate: z.number().nullable().meta({ description: 'Lines per second as of `updatedAt`, or null.', example: 118.5 }),
  eta: time('When the rest will be done as of `updatedAt`, or null.').nullable(),
  status: StatusSchema,
}

/** A file as lists and events show it. */
export const ProgressRecordSchema = z
  .object({
    ...recordFields,
    errors: z.array(PatternSummarySchema).meta({ description: 'The 5 most frequent.' }),
    warnings: z.array(PatternSummarySchema).meta({ description: 'The 5 most frequent.' }),
  })
  .meta({ id: 'ProgressRecord', description: 'A file as lists and events show it.' })

/** One file whole. */
export const FullRecordSchema = z
  .object({
    ...recordFields,
    errors: z.array(PatternSchema).meta({ description: 'All patterns, most frequent first.' }),
    warnings: z.array(PatternSchema).meta({ description: 'All patterns, most frequent first.' }),
    linesTruncated: z.literal(true).optional().meta({ description: 'There are more lines than the 1,000 shown.' }),
  })
  .meta({ id: 'FullRecord', description: 'One file whole.' })

/** Whether an update made its file. */
export const ResultSchema = z
  .enum(['created', 'updated'])
  .meta({ description: '`created` for the first update of a file.' })

const UpdateResultSchema = z
  .object({
    result: ResultSchema,
    clientKrn: ClientKrnSchema,
    filename: z.string().meta(FILENAME),
    counts: CountsSchema,
    total: z.int().nullable().meta(TOTAL),
    isCompleted: z.boolean(),
    errors: z.array(PatternSchema),
    warnings: z.array(PatternSchema),
    linesTruncated: z
      .literal(true)
      .optional()
      .meta({ description: 'The update had more issues than the 1,000 shown.' }),
  })
  .meta({
    id: 'UpdateResult',
    description:
      'The sums of the file after the update, and the patterns that this update touched, with its own issues as `lines`.',
  })

/** What a repeat learns whose file is gone. */
export const FormerResultSchema = z
  .object({
    result: ResultSchema,
    clientKrn: ClientKrnSchema,
    filename: z.string().meta(FILENAME),
    deleted: z.literal(true).optional(),
    moved: z.literal(true).optional(),
  })
  .meta({
    id: 'FormerResult',
    description: 'The answer to a repeat of an update whose file was deleted or moved since.',
  })

/** The answer to an update: its result, or what became of a former life of the name. */
export const UpdateAnswerSchema = z.union([UpdateResultSchema, FormerResultSchema]).meta({ id: 'UpdateAnswer' })

/** One issue, as pages of issues have it. */
export const IssueRowSchema = z
  .object({
    line: Line,
    message: z.string(),
    pattern: PatternText,
    patternId: PatternId,
    values: Values,
    at: time('When it was committed.'),
  })
  .meta({ id: 'IssueRow' })

/** One commit, as pages of a history have it. */
export const HistoryAnswerRowSchema = z
  .object({
    version: z.int(),
    at: time('When it was committed.'),
    updates: z.int().meta({ description: 'How many updates arrived together.' }),
    counts: CountsSchema,
    total: z.int().nullable().meta({ description: 'The total that was set then, or null.' }),
    isLast: z.boolean(),
    sources: z.array(z.enum(['http', 'sqs', 'kafka'])),
  })
  .meta({ id: 'HistoryRow', description: 'What was committed at once; the counts of all rows add up to the file.' })

const files = (what: string): z.ZodNumber => z.int().meta({ description: what, example: 3 })

/** All files of a client in one row. */
export const SummarySchema = z
  .object({
    files: files('All files.'),
    running: files('Of these, running.'),
    stalled: files('Of these, stalled.'),
    completed: files('Of these, ended well.'),
    failed: files('Of these, ended failed.'),
    cancelled: files('Of these, ended cancelled.'),
    counts: CountsSchema,
    lastUpdate: time('The newest `updatedAt`, or null without files.').nullable(),
    overflow: z.literal(true).optional().meta({ description: 'A sum stopped at 9007199254740991.' }),
  })
  .meta({ id: 'Summary' })

/** One client, as administrators see it. */
export const ClientRowSchema = z
  .object({ clientKrn: ClientKrnSchema, files: files('Its files.'), lastUpdate: time('The newest `updatedAt`.') })
  .meta({ id: 'ClientRow' })

/** The answer to a batch: one result for each update, in order. */
export const BatchAnswerSchema = z
  .object({
    results: z.array(z.looseObject({ status: z.int().meta({ example: 200 }) })).meta({
      description: 'In order, one for each update: `status`, with the members of its answer or of its problem beside.',
    }),
  })
  .meta({ id: 'BatchAnswer' })

/** A pattern without lines, as lists have it. */
export type PatternSummary = z.infer<typeof PatternSummarySchema>
/** A pattern with lines. */
export type PatternAnswer = z.infer<typeof PatternSchema>
/** A file as lists and events show it. */
export type ProgressRecord = z.infer<typeof ProgressRecordSchema>
/** One file whole. */
export type FullRecord = z.infer<typeof FullRecordSchema>
/** The answer to an update of a file that lives. */
export type UpdateResult = z.infer<typeof UpdateResultSchema>
/** The answer to a repeat from a former life of the name. */
export type FormerResult = z.infer<typeof FormerResultSchema>
/** The answer to an update. */
export type UpdateAnswer = UpdateResult | FormerResult
/** One issue of a page. */
export type IssueRow = z.infer<typeof IssueRowSchema>
/** One commit of a page. */
export type HistoryAnswerRow = z.infer<typeof HistoryAnswerRowSchema>
/** All files of a client in one row. */
export type Summary = z.infer<typeof SummarySchema>
/** One client, as administrators see it. */
export type ClientRow = z.infer<typeof ClientRowSchema>
