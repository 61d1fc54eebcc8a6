import type { Clock } from '../ports/clock.ts'
import type { FileMoves, MoveObstacle } from '../ports/file-moves.ts'
import type { ProgressReader } from '../ports/progress-reader.ts'
import type { UpdateId } from '../progress/update.ts'
import type { ClientKrn } from '../tenancy/client-krn.ts'
import type { Email } from '../tenancy/email.ts'
import type { FileName } from '../tenancy/file-name.ts'

/** Which files are to move: all of a client's, or those of these names, or of this owner, or both. */
export interface MoveSelection {
  readonly from: ClientKrn
  readonly to: ClientKrn
  readonly filenames?: readonly FileName[]
  readonly email?: Email
}

/** What a move would come to. Names that are taken at the other client are refused, and then nothing is moved. */
export type MovePlan =
  | { readonly kind: 'obstacle'; readonly obstacle: MoveObstacle }
  | {
      readonly kind: 'plan'
      readonly files: number
      readonly taken: readonly FileName[]
      /** Asked for by name, and not there: moved before, or never seen. */
      readonly missing: readonly FileName[]
    }

export interface MoveFilesDeps {
  readonly reader: Pick<ProgressReader, 'get' | 'scan'>
  readonly moves: FileMoves
  readonly clock: Pick<Clock, 'now'>
  readonly newId: () => UpdateId
}

export interface MoveFiles {
  /** Changes nothing. */
  readonly plan: (selection: MoveSelection) => Promise<MovePlan>
  /**
   * File by file; what was begun and not ended goes on when it is called again. Answers the names that were taken in
   * the meantime. `onFile` hears of each file.
   */
  readonly move: (selection: MoveSelection, onFile: (moved: boolean) => void) => Promise<readonly FileName[]>
}

const AT_ONCE = 100

/** Brings files from one client to another: an operator's work. */
export const createMoveFiles = ({ reader, moves, clock, newId }: MoveFilesDeps): MoveFiles => ({
  plan: async (selection) => {
    const obstacle = await moves.obstacle()
    if (obstacle !== null) return { kind: 'obstacle', obstacle }
    let files = 0
    const taken: FileName[] = []
    const missing = new Set(selection.filenames ?? [])
    for await (const names of namesOf(reader, selection)) {
      files += names.length
      const there = await Promise.all(names.map((name) => reader.get(selection.to, name)))
      for (const [index, name] of names.entries()) {
        missing.delete(name)
        if (there[index] !== null) taken.push(name)
      }
    }
    return { kind: 'plan', files, taken, missing: [...missing] }
  },
  move: async (selection, onFile) => {
    const taken: FileName[] = []
    const { from, to } = selection
    for await (const names of namesOf(reader, selection)) {
      for (const filename of names) {
        const { kind } = await moves.move({ from, to, filename, at: clock.now(), id: newId() })
        if (kind === 'taken') taken.push(filename)
        onFile(kind === 'moved')
      }
    }
    return taken
  },
})

/** The names that are there now, some at a time. */
async function* namesOf(
  reader: MoveFilesDeps['reader'],
  { from, filenames, email }: MoveSelection,
): AsyncGenerator<readonly FileName[]> {
  if (filenames !== undefined) {
    const names = [...new Set(filenames)]
    for (let at = 0; at < names.length; at += AT_ONCE) {
      const some = names.slice(at, at + AT_ONCE)
      const found = await Promise.all(some.map((name) => reader.get(from, name)))
      yield some.filter((_, index) => {
        const state = found[index]?.state
        return state !== undefined && (email === undefined || state.email === email)
      })
    }
    return
  }
  const filter = { client: from, stalledBefore: 0, ...(email === undefined ? {} : { email }) }
  for (let page = await reader.scan(filter, AT_ONCE, null); page.length > 0; ) {
    yield page.map(({ filename }) => filename)
    page = await reader.scan(filter, AT_ONCE, page.at(-1)?.fileId ?? null)
  }
}
