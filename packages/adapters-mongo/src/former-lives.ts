import type { FileId, FormerLife } from '@pebbles/core'
import { fileKey } from '@pebbles/core'
import type { FindOptions } from 'mongodb'
import { BOUNDED, type Collections } from './collections.ts'
import { type FormerDocument, type Reservation, TELLS } from './documents.ts'
import { insist } from './insist.ts'
import { type Name, ofNames, partsOfNames } from './names.ts'

/** How long the update ids of a life that ended stay known. */
export const KEPT_MS = 15 * 86_400_000

/**
 * Earlier lives of names, by name; one that was only a reservation has nothing to be known by. Each is known until the
 * sweep forgets it, and not by its age: a clock that is wrong would have updates of it applied anew. `options` are the
 * call's.
 */
export const readFormerLives = async (
  { former }: Collections,
  names: readonly Name[],
  options: FindOptions = BOUNDED,
): Promise<ReadonlyMap<string, readonly FormerLife[]>> => {
  const lives = new Map<string, FormerLife[]>()
  for (const part of partsOfNames(names)) {
    const filter = ofNames<FormerDocument>(part, (client) => client, { state: { $ne: 'void' } })
    const rows = await former.find(filter, options).sort({ _id: 1 }).toArray()
    for (const { clientKrn, filename, fileId, v, state } of rows) {
      if (state === 'void') continue
      const key = fileKey({ client: clientKrn, filename })
      lives.set(key, [...(lives.get(key) ?? []), { fileId, version: v, state }])
    }
  }
  return lives
}

/** Notes the end of a life. Written again it says the same, with the time of the last writing. */
export const writeFormerLife = async (
  { former }: Collections,
  { clientKrn, filename, fileId }: Pick<Reservation, 'clientKrn' | 'filename'> & { readonly fileId: FileId },
  end: Pick<FormerDocument, 'state' | 'v'>,
  now: number,
): Promise<void> => {
  const row = { clientKrn, filename, fileId }
  await insist(() =>
    former.updateOne(
      row,
      {
        $set: { ...end, at: new Date(now) },
        // A reservation was never seen, so its end is no news.
        ...(end.state === 'void' ? {} : TELLS),
      },
      { ...BOUNDED, upsert: true },
    ),
  )
}
