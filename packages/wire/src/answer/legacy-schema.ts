import * as z from 'zod'
import { ClientKrnSchema, CountsSchema } from '../body/update-schema.ts'
import { ProgressRecordSchema, ResultSchema } from './answer-schema.ts'

const PlainIssueSchema = z
  .object({ line: z.int().optional(), message: z.string() })
  .meta({ id: 'PlainIssue', description: 'As it was reported.' })

const issues = {
  errors: z.array(PlainIssueSchema).meta({ description: 'In order of arrival, the first 1,000.' }),
  warnings: z.array(PlainIssueSchema).meta({ description: 'In order of arrival, the first 1,000.' }),
  linesTruncated: z.literal(true).optional().meta({ description: 'There are more issues than are shown.' }),
}

/** A file as the single-tenant routes show it. */
export const LegacyRecordSchema = ProgressRecordSchema.extend(issues).meta({
  id: 'LegacyRecord',
  description: 'A file in the form of the single-tenant version, with what is new beside.',
})

/** The answer of the single-tenant route to an update. */
export const LegacyAnswerSchema = z
  .object({
    result: ResultSchema,
    clientKrn: ClientKrnSchema,
    filename: z.string(),
    counts: CountsSchema,
    total: z.int().nullable(),
    isCompleted: z.boolean(),
    ...issues,
  })
  .meta({ id: 'LegacyAnswer', description: 'The sums of the file after the update, and its issues so far.' })

/** An issue as the single-tenant version showed it: without `line` where none was reported. */
export type PlainIssue = z.infer<typeof PlainIssueSchema>
/** A file in the form of the single-tenant version. */
export type LegacyRecord = z.infer<typeof LegacyRecordSchema>
/** The answer to an update in the form of the single-tenant version. */
export type LegacyAnswer = z.infer<typeof LegacyAnswerSchema>
