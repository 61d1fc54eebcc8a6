import type { Collection, Db } from 'mongodb'
import { MIGRATION } from '../across-clients.ts'
import type { ProgressDocument, RememberedFile } from '../documents.ts'
import type { StoreDeps } from '../store-deps.ts'

/** How far a part of the work is; `total` is null where nobody has counted. */
export interface MigrationStep {
  readonly step: 'indexes' | 'giving back' | 'setting clientKrn' | 'setting aside' | 'writing back' | 'checking'
  readonly done: number
  readonly total: number | null
}

/** A document that was set aside, whole: by `up` because another is the file, by `down` because of its name. */
export interface ParkedDocument extends ProgressDocument {
  readonly parkedBy: 'up' | 'down'
  readonly parkedAt: Date
}

/** A file of ours that the old version has. */
export type HandedDocument = ProgressDocument & { readonly down: RememberedFile }

/** What the parts of the migration share. */
export interface MigrationDeps extends StoreDeps {
  readonly db: Db
  readonly parked: Collection<ParkedDocument>
  readonly onStep: (step: MigrationStep) => void
}

/** Options of every command: named, and without a bound, as some look at every document. */
export const NAMED = { comment: MIGRATION } as const
/** A read of everything, that may sort more than a server keeps in memory. */
export const WHOLE = { ...NAMED, allowDiskUse: true } as const

/** Documents that stand for a file: all but bare reservations, which no reader sees. */
export const VISIBLE = { $nor: [{ version: 0, adopting: { $ne: true as const } }] }

/** Whose a document is, as an expression: what it remembers counts where it has no client. */
export const clientOf = (legacyClient: string) => ({
  $ifNull: ['$clientKrn', '$homeClient', { $literal: legacyClient }],
})
