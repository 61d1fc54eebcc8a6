import type { FileId } from '@pebbles/core'
import { SWEEP } from './across-clients.ts'
import { finishAdoption } from './adopt-file.ts'
import { removeLeftMarks } from './bring-forward.ts'
import { finishClosing, takeOver } from './close-lives.ts'
import { BOUNDED } from './collections.ts'
import { purgeFormerLives } from './purge-former-lives.ts'
import { type OwnDocument, rollForward } from './roll-forward.ts'
import type { StoreDeps } from './store-deps.ts'
import { isDuplicate } from './store-errors.ts'

/** Entries of so long before the last sweep are looked at again, as writes land late. */
const OVERLAP_MS = 10_000
/**
 * At times those of so long before the last such time are, too: clocks differ, and a process may have been stopped.
 * What only this finds is behind in lists until then, if nobody writes it again.
 */
const WIDE_EVERY_MS = 300_000
const WIDE_OVERLAP_MS = 300_000
const FILES_AT_ONCE = 500
/** The journal can be long: a look at all that was written since the mark may take its time. */
const SWEEP_MS = 60_000

export const SWEEP_EVERY_MS = 30_000

export interface Sweep {
  /** Files that were behind their journal, or begun and left. */
  readonly healed: number
  /** Former lives that were forgotten. */
  readonly purged: number
}

/**
 * Finishes what processes left half done, whichever they were and though nobody writes those files again, and forgets
 * what was given up 15 days ago. Rejects where a step has no answer: unless all was rolled the mark stays, and the next
 * sweep begins there.
 */
export const sweep = async (deps: StoreDeps): Promise<Sweep> => {
  const { settings } = deps.collections
  const at = deps.clock.now()
  const { mark, wide } = (await settings.findOne({ _id: 'sweep' }, BOUNDED)) ?? {}
  const isWide = mark === undefined || wide === undefined || Math.abs(at - wide.getTime()) >= WIDE_EVERY_MS
  // Nor later than now: whoever swept last may have had a clock that was ahead.
  const from = Math.min(at, (isWide ? wide : mark)?.getTime() ?? 0)
  const since = from - (isWide ? WIDE_OVERLAP_MS : OVERLAP_MS)
  const begun = await finishBegun(deps)
  const rolled = await rollWritten(deps, new Date(since))
  await removeLeftMarks(deps)
  await moveMark(deps, new Date(at), isWide)
  // Last: a long journal may take several sweeps to purge, which need not look at all the same entries again.
  const purged = await purgeFormerLives(deps)
  return { healed: begun + rolled, purged }
}

/** Whether this process is the one to sweep: of several one each time is enough. */
export const isSweepDue = async ({ collections, clock }: StoreDeps): Promise<boolean> => {
  const { mark } = (await collections.settings.findOne({ _id: 'sweep' }, BOUNDED)) ?? {}
  const age = clock.now() - (mark?.getTime() ?? 0)
  return age < 0 || age >= SWEEP_EVERY_MS * 0.9
}

const moveMark = async ({ collections: { settings } }: StoreDeps, mark: Date, isWide: boolean): Promise<void> => {
  const marks = isWide ? { mark, wide: mark } : { mark }
  const { matchedCount } = await settings.updateOne({ _id: 'sweep', mark: { $lt: mark } }, { $set: marks }, BOUNDED)
  if (matchedCount > 0) return
  try {
    await settings.insertOne({ _id: 'sweep', ...marks }, BOUNDED)
  } catch (error) {
    // Another sweep got further already.
    if (!isDuplicate(error)) throw error
  }
}

/** Documents of version 0: a commit that was not rolled forward, an adoption that was not finished, or nothing at all. */
const finishBegun = async (deps: StoreDeps): Promise<number> => {
  const documents = await deps.collections.progress
    .find<OwnDocument>({ version: 0 }, { ...BOUNDED, comment: SWEEP, projection: { errors: 0, warnings: 0 } })
    .toArray()
  const rolled = await roll(deps, documents)
  for (const document of rolled.bare) {
    if (document.adopting !== true) await takeOver(deps, document)
    else {
      await finishAdoption(deps, document)
      await roll(deps, [document])
    }
  }
  return documents.length
}

const rollWritten = async (deps: StoreDeps, since: Date): Promise<number> => {
  const { journal, progress } = deps.collections
  const heads = journal.aggregate<{ readonly _id: FileId; readonly version: number }>(
    [{ $match: { at: { $gte: since } } }, { $group: { _id: '$fileId', version: { $max: '$version' } } }],
    { maxTimeMS: SWEEP_MS, comment: SWEEP, allowDiskUse: true },
  )
  let behind = 0
  let part: { _id: FileId; version: number }[] = []
  const look = async (): Promise<void> => {
    const versions = new Map(part.map(({ _id, version }) => [_id, version]))
    part = []
    const documents = await progress
      .find<OwnDocument>(
        { fileId: { $in: [...versions.keys()] }, version: { $gt: 0 } },
        { ...BOUNDED, comment: SWEEP, projection: { foldedName: 0 } },
      )
      .toArray()
    const late = documents.filter(({ fileId, version }) => version < (versions.get(fileId) ?? 0))
    await roll(deps, late)
    behind += late.length
  }
  for await (const head of heads) if (part.push(head) === FILES_AT_ONCE) await look()
  if (part.length > 0) await look()
  return behind
}

/** Brings documents forward, or to their end; those that nothing was committed on come back. */
const roll = async (
  deps: StoreDeps,
  documents: readonly OwnDocument[],
): Promise<{ readonly bare: readonly OwnDocument[] }> => {
  const folded = await rollForward(deps.collections, documents, SWEEP)
  for (const document of documents) {
    const closing = folded.get(document.fileId)?.closing
    if (closing !== null && closing !== undefined) await finishClosing(deps, document, closing)
  }
  return {
    bare: documents.filter(({ fileId }) => {
      const { state, closing } = folded.get(fileId) ?? {}
      return state === null && closing === null
    }),
  }
}
