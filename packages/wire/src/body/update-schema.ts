import { MAX_COUNT, parseFileName } from '@pebbles/core'
import * as z from 'zod'
import { fitsUtf8, PRINTABLE_KEY } from './text-bounds.ts'

/** What a field must be: the one text for the schema, the plain loop and the documents. */
export const EXPECTED = {
  object: 'must be an object',
  array: 'must be an array',
  filename: 'must be 1 to 1024 bytes of UTF-8 without control characters',
  count: `must be an integer from 0 to ${MAX_COUNT}`,
  total: `must be an integer from 1 to ${MAX_COUNT}, or null`,
  isLast: 'must be true or false',
  outcome: 'must be succeeded, failed or cancelled',
  reason: 'must be text of at most 1024 bytes of UTF-8',
  onlyWithLast: 'is taken only together with isLast: true',
  updateId: 'must be 1 to 255 printable characters',
  line: `must be an integer from 1 to ${MAX_COUNT}, or null`,
  message: 'must be text of at most 65536 bytes of UTF-8',
  updates: 'must be an array of 1 to 1000 updates',
} as const

export const MAX_MESSAGE_BYTES = 65_536
const MAX_REASON_BYTES = 1_024
const NO_CONTROLS = '^[^\\u0000-\\u001f\\u007f-\\u009f]*$'

export const FileNameSchema = z
  .string(EXPECTED.filename)
  .refine((text) => parseFileName(text) !== undefined, { error: EXPECTED.filename })
  .meta({
    description: 'Names the file within its client; kept and compared byte for byte.',
    example: 'orders-2026-01.csv',
    minLength: 1,
    maxLength: 1024,
    pattern: NO_CONTROLS,
  })

const count = (what: string): z.ZodNumber =>
  z
    .int(EXPECTED.count)
    .min(0, EXPECTED.count)
    .meta({ description: `${what} An increment in a report, a sum in an answer.`, example: 100 })

export const ClientKrnSchema = z
  .string()
  .regex(/^krn(?::[A-Za-z0-9._~-]{1,64}){2,}$/)
  .max(256)
  .meta({
    id: 'ClientKrn',
    description: 'Names a client: `krn:` and at least two more segments.',
    example: 'krn:acme:client:prod-001',
  })

export const CountsSchema = z
  .object(
    {
      done: count('Lines that went well.'),
      warn: count('Lines with a warning.'),
      failed: count('Lines that failed.'),
    },
    EXPECTED.object,
  )
  .meta({
    id: 'Counts',
    description: 'Lines by what became of them; each line counts once, so what was processed is the sum.',
    example: { done: 100, warn: 2, failed: 1 },
  })

const IssueSchema = z
  .object(
    {
      line: z
        .int(EXPECTED.line)
        .min(1, EXPECTED.line)
        .nullish()
        .meta({ description: 'The line in the file, if there is one.', example: 17 }),
      message: z
        .string(EXPECTED.message)
        .refine((text) => text.isWellFormed() && fitsUtf8(text, MAX_MESSAGE_BYTES), { error: EXPECTED.message })
        .meta({
          description: 'At most 64 KiB of UTF-8. Messages that differ in their values only become one pattern.',
          example: 'Amount 12,50 is not a number',
          maxLength: MAX_MESSAGE_BYTES,
        }),
    },
    EXPECTED.object,
  )
  .meta({ id: 'Issue', description: 'An error or a warning.' })

export const OutcomeSchema = z
  .enum(['succeeded', 'failed', 'cancelled'], EXPECTED.outcome)
  .meta({ id: 'Outcome', description: 'How a file ended.' })

const head = {
  filename: FileNameSchema,
  counts: CountsSchema,
  total: z
    .int(EXPECTED.total)
    .min(1, EXPECTED.total)
    .nullish()
    .meta({ description: 'How many lines there are; absent or null leaves what is known.', example: 1000 }),
  isLast: z.boolean(EXPECTED.isLast).optional().meta({ description: 'Completes the file, for good.', example: false }),
  outcome: OutcomeSchema.optional(),
  reason: z
    .string(EXPECTED.reason)
    .refine((text) => text.isWellFormed() && fitsUtf8(text, MAX_REASON_BYTES), { error: EXPECTED.reason })
    .optional()
    .meta({ description: 'Why it ended so; only with `isLast`.', maxLength: MAX_REASON_BYTES }),
  updateId: z
    .string(EXPECTED.updateId)
    .refine((text) => PRINTABLE_KEY.test(text), { error: EXPECTED.updateId })
    .optional()
    .meta({
      description: 'Makes a repeat harmless; counts within the file. The header `Idempotency-Key` wins over it.',
      example: 'orders-2026-01.csv:0001',
      minLength: 1,
      maxLength: 255,
      pattern: NO_CONTROLS,
    }),
}

/**
 * `outcome` and `reason` say how a file ended, so they need an end. Looked at only when all else is right: what a field
 * should go with means little before.
 */
export const fieldsWithoutEnd = (body: EndFields): readonly ('outcome' | 'reason')[] =>
  body.isLast === true || (body.outcome === undefined && body.reason === undefined)
    ? NONE
    : END_FIELDS.filter((field) => body[field] !== undefined)

const END_FIELDS = ['outcome', 'reason'] as const
const NONE: readonly never[] = []

interface EndFields {
  readonly isLast?: boolean | undefined
  readonly outcome?: unknown
  readonly reason?: unknown
}

const checkEnd = (body: EndFields, context: z.core.$RefinementCtx): void => {
  for (const field of fieldsWithoutEnd(body))
    context.addIssue({ code: 'custom', path: [field], message: EXPECTED.onlyWithLast })
}
const WHEN_ALL_IS_RIGHT = { when: (payload: z.core.ParsePayload) => payload.issues.length === 0 }

/** The same rule for those who read the schema only; and that unknown fields are ignored. */
const OPEN = { additionalProperties: true }
const WITH_LAST = { required: ['isLast'], properties: { isLast: { const: true } }, ...OPEN }
const NEEDS_LAST = { dependentSchemas: { outcome: WITH_LAST, reason: WITH_LAST }, ...OPEN }

/** All but the issues: what is small enough for a schema on the hot path. */
export const UpdateHeadSchema = z.object(head, EXPECTED.object)

const issues = (what: string) => z.array(IssueSchema, EXPECTED.array).optional().meta({ description: what })

const updateFields = { ...head, errors: issues('What made lines fail.'), warnings: issues('What was odd about lines.') }

/** The documented form of an update. `parseUpdateBody` takes and refuses the very same bodies, faster. */
export const UpdateBodySchema = z
  .object(updateFields, EXPECTED.object)
  .superRefine(checkEnd, WHEN_ALL_IS_RIGHT)
  .meta({
    ...NEEDS_LAST,
    id: 'UpdateBody',
    description: 'What happened to a file since the last report: counts are increments; all zero is a heartbeat.',
    examples: [
      { filename: 'orders-2026-01.csv', counts: { done: 100, warn: 1, failed: 0 }, total: 1000 },
      {
        filename: 'orders-2026-01.csv',
        counts: { done: 98, warn: 0, failed: 2 },
        errors: [{ line: 17, message: 'Amount 12,50 is not a number' }],
        isLast: true,
        outcome: 'succeeded',
      },
    ],
  })

export const MAX_BATCH = 1_000

/** The documented form of a batch. */
export const BatchBodySchema = z
  .object(
    { updates: z.array(UpdateBodySchema, EXPECTED.updates).min(1, EXPECTED.updates).max(MAX_BATCH, EXPECTED.updates) },
    EXPECTED.object,
  )
  .meta({
    id: 'BatchBody',
    description: 'Updates that stand alone each: one that is refused changes nothing for the others.',
  })

/** A queue message: an update that says whose it is, as nothing else does there. */
export const UpdateMessageSchema = z
  .object(
    {
      clientKrn: ClientKrnSchema,
      email: z
        .string()
        .min(1)
        .max(320)
        .meta({ description: 'Who reports; the first one to report owns the file.', example: 'loader@example.com' }),
      ...updateFields,
    },
    EXPECTED.object,
  )
  .superRefine(checkEnd, WHEN_ALL_IS_RIGHT)
  .meta({ ...NEEDS_LAST, id: 'UpdateMessage', description: 'An update, its client and its reporter.' })
