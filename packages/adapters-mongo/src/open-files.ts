import type { FormerLife, Known, KnownUpdate, Opened, OpenRequest, UpdateId } from '@pebbles/core'
import { fileKey, ISSUE_KINDS, isInner, isNamedByCaller } from '@pebbles/core'
import { takeOver } from './close-lives.ts'
import { readFormerLives } from './former-lives.ts'
import { findKnownUpdates, type LifeQuestion } from './known-updates.ts'
import { type Asking, type Found, loadFiles, type OpenDeps } from './load-files.ts'
import { readTables, tableKey } from './pattern-tables.ts'

/** A round ends in an answer, or in a step that somebody has to make first; after so many the file is `busy`. */
const ROUNDS = 12

/** Opens many files at once: each step is one call for all of them. */
export const openFiles = async (deps: OpenDeps, requests: readonly OpenRequest[]): Promise<readonly Opened[]> => {
  const answers = new Array<Opened>(requests.length).fill({ kind: 'busy' })
  let left: readonly Asking[] = requests.map((request, index) => ({ request, index, fresh: request.thorough }))
  for (let round = 0; left.length > 0 && round < ROUNDS; round += 1) {
    const { found, again } = await loadFiles(deps, left)
    left = [...again, ...(await answer(deps, found, answers))]
  }
  return answers
}

const answer = async (deps: OpenDeps, found: readonly Found[], answers: Opened[]): Promise<readonly Asking[]> => {
  const { collections, newFileId, reservations } = deps
  const again: Asking[] = []
  // With a reservation standing, not before: a life that ended in between would be missed, and a repeat counted twice.
  const former = await readFormerLives(
    collections,
    found.filter(({ kind }) => kind !== 'live').map(({ asking }) => asking.request),
  )
  const questions = found.map((file) => questionsOf(file, livesOf(file, former)))
  await findKnownUpdates(collections, questions.flat())
  const tables = await readTables(collections, found.flatMap(tablesOf))

  for (const [at, file] of found.entries()) {
    const { index, request, fresh } = file.asking
    const ids = questions[at]?.[0]?.into ?? NONE_KNOWN
    const name = fileKey(request)
    const lives = livesOf(file, former)
    const moved = file.kind !== 'live' && lives.some(({ state }) => state === 'moved')
    if (file.kind === 'live') {
      const rows = liveTables(file, tables)
      // A repeat is answered with the file as it is, which its document may not say yet.
      const isRepeat = ids.size > 0 && !fresh
      if (rows === 'ahead' || isRepeat) again.push({ ...file.asking, fresh: true })
      else
        answers[index] = {
          ...{ kind: 'live', state: file.state, tables: rows, known: ids },
          // Of ids that nobody knows yet a refusal needs no more. Others may be in entries that the document lags behind.
          thorough: fresh || (file.seen === 'now' && request.ids.every(isInner)),
        }
    } else if (moved) answers[index] = { kind: 'refused', code: 'FILE_MOVED', known: ids }
    else if (file.kind === 'old index') answers[index] = { kind: 'refused', code: 'SCHEMA_CONFLICT', known: ids }
    else if (file.kind === 'none') answers[index] = { kind: 'free', fileId: newFileId(), former: lives, known: ids }
    else if (file.document.email === reservations.ownerOf(name, request.email ?? '')) {
      const { fileId, email } = file.document
      reservations.handOut(name, fileId, email)
      answers[index] = { kind: 'free', fileId, former: lives, known: ids }
    } else if (reservations.isOver(name, file.document.fileId)) {
      await takeOver(deps, file.document)
      again.push({ ...file.asking, fresh: true })
    }
  }
  return again
}

const livesOf = (file: Found, former: ReadonlyMap<string, readonly FormerLife[]>): readonly FormerLife[] =>
  file.kind === 'live' ? file.state.former : (former.get(fileKey(file.asking.request)) ?? [])

/** Their answers go into one map. Most updates have nothing to ask. */
const questionsOf = (file: Found, lives: readonly FormerLife[]): readonly LifeQuestion[] => {
  const { ids } = file.asking.request
  const present = file.kind !== 'live' ? [] : file.asking.fresh ? ids : ids.filter(isNamedByCaller)
  if (lives.length === 0 && present.length === 0) return NO_QUESTIONS
  const into = new Map<UpdateId, KnownUpdate>()
  const questions = lives.map(({ fileId, version, state }) => ({ fileId, upTo: version, life: state, ids, into }))
  if (file.kind !== 'live') return questions
  const { fileId, version } = file.state
  return [...questions, { fileId, upTo: version, life: 'present', ids: present, into }]
}

const NO_QUESTIONS: readonly LifeQuestion[] = []
const NONE_KNOWN: Known = new Map()

const tablesOf = (file: Found) => {
  if (file.kind !== 'live') return []
  const { tables } = file.asking.request
  return ISSUE_KINDS.filter((kind) => isWanted(tables[kind], file.state.issues[kind].tableVersion)).map((kind) => ({
    state: file.state,
    kind,
  }))
}

const isWanted = (has: number | undefined, version: number): boolean =>
  has !== undefined && (has === 0 || has !== version)

const liveTables = (
  { asking, state }: Extract<Found, { kind: 'live' }>,
  tables: Awaited<ReturnType<typeof readTables>>,
): Extract<Opened, { kind: 'live' }>['tables'] | 'ahead' => {
  const rows: { -readonly [K in (typeof ISSUE_KINDS)[number]]?: Extract<Opened, { kind: 'live' }>['tables'][K] } = {}
  for (const kind of ISSUE_KINDS) {
    if (!isWanted(asking.request.tables[kind], state.issues[kind].tableVersion)) continue
    const table = tables.get(tableKey(state.fileId, kind))
    if (table === 'ahead') return 'ahead'
    rows[kind] = table?.rows ?? []
  }
  return rows
}
