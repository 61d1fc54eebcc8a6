import type { Email, FileId, KnownUpdate, UpdateId } from '@pebbles/core'
import { BOUNDED, type Collections } from './collections.ts'
import type { EntryDocument } from './documents.ts'
import { BY_UPDATE } from './indexes.ts'

/** Where to look for which ids: in one life, up to the version that was read of it. */
export interface LifeQuestion {
  readonly fileId: FileId
  readonly upTo: number
  readonly life: KnownUpdate['life']
  readonly ids: readonly UpdateId[]
  /** Where the answer goes. */
  readonly into: Map<UpdateId, KnownUpdate>
}

/** A query of more branches is not planned well, and its answer not bounded well. */
const QUESTIONS_AT_ONCE = 500

/** Looks the ids of many files up, in their present and former lives. */
export const findKnownUpdates = async ({ journal }: Collections, questions: readonly LifeQuestion[]): Promise<void> => {
  const asked = questions.filter(({ ids }) => ids.length > 0)
  for (let at = 0; at < asked.length; at += QUESTIONS_AT_ONCE) {
    const part = asked.slice(at, at + QUESTIONS_AT_ONCE)
    const branches = part.map(({ fileId, upTo, ids }) => ({
      fileId,
      version: { $lte: upTo },
      'updates.id': ids.length === 1 ? ids[0] : { $in: [...ids] },
    }))
    const entries = journal.find<Found>(branches.length === 1 ? (branches[0] ?? {}) : { $or: branches }, {
      ...BOUNDED,
      hint: BY_UPDATE,
      projection: { fileId: 1, version: 1, kind: 1, email: 1, updates: 1 },
    })
    const byFile = Map.groupBy(part, ({ fileId }) => fileId)
    for await (const entry of entries) for (const question of byFile.get(entry.fileId) ?? []) answer(question, entry)
  }
}

type Found = Pick<EntryDocument, 'fileId' | 'version' | 'kind' | 'email' | 'updates'>

const answer = ({ ids, upTo, life, into }: LifeQuestion, { version, kind, email, updates }: Found): void => {
  if (version > upTo) return
  const wanted = new Set<string>(ids)
  for (const [index, { id, hash }] of updates.entries()) {
    if (!wanted.has(id)) continue
    const created = kind === 'update' && version === 1 && index === 0
    into.set(id as UpdateId, { hash, email: email as Email, created, life })
  }
}
