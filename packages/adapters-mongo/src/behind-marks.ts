import { BOUNDED, type Collections, UNORDERED } from './collections.ts'
import type { BehindDocument } from './documents.ts'

/** What a mark is written and removed by. */
export type Named = Pick<BehindDocument, '_id' | 'clientKrn' | 'filename'>

/** With the time of the server: the sweep that may take it for one that was left is another process's. */
export const insertMark = async (
  { behind }: Collections,
  named: Named,
  of: Pick<BehindDocument, 'owner' | 'fileId'>,
): Promise<void> => {
  await behind.updateOne(named, { $set: of, $currentDate: { at: true } }, { ...BOUNDED, upsert: true })
}

/** Each is named by its id: a mark of the same file that was set meanwhile stays. */
export const removeMarks = async ({ behind }: Collections, marks: readonly Named[]): Promise<void> => {
  if (marks.length === 0) return
  const deletes = marks.map(({ _id, clientKrn, filename }) => ({
    deleteOne: { filter: { _id, clientKrn, filename } },
  }))
  await behind.bulkWrite(deletes, UNORDERED)
}
