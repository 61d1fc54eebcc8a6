import type { Clock, ReadPlain, ReadProgress, Recorder, Removal, RemoveFile, UpdateId } from '@pebbles/core'
import type { ProblemLog } from '../edge/answer-problems.ts'
import type { BodyTurns } from '../edge/body-turns.ts'
import type { Admission } from '../edge/limit-rate.ts'
import type { HttpSettings } from '../settings.ts'

/** What the routes are made of: the use cases, and what the edge needs beside them. */
export interface RouteDeps {
  readonly settings: HttpSettings
  readonly record: Recorder['record']
  readonly read: ReadProgress
  readonly plain: ReadPlain
  readonly remove: (command: RemoveFile) => Promise<Removal>
  readonly admission: Admission
  readonly turns: BodyTurns
  readonly clock: Clock
  /** An id that nobody can send again. */
  readonly innerId: () => UpdateId
  readonly countUpdate: (outcome: string) => void
  readonly countLegacy: (route: string) => void
  readonly log: Pick<ProblemLog, 'info' | 'warn'>
}
