import {
  createReadProgress,
  createRecorder,
  createRemoveFile,
  type ReadProgress,
  type Recorder,
} from '../../src/index.ts'
import type { TestClock } from '../builders.ts'
import type { TestStore } from '../memory-store.ts'

/** What a contract runs on: a fresh, empty store, and as many further connections to it as it asks for. */
export interface Subject extends AsyncDisposable {
  readonly store: TestStore
  readonly clock: TestClock
  /** A second connection to the same data, as another process has one. */
  readonly connect: () => Promise<TestStore>
}

export interface ContractCase {
  readonly title: string
  readonly run: (subject: Subject) => Promise<void>
}

export const STALLED_AFTER_MS = 600_000

export interface UseCases {
  readonly record: Recorder['record']
  readonly read: ReadProgress
  readonly remove: ReturnType<typeof createRemoveFile>
}

export const useCases = ({ clock, store }: Pick<Subject, 'clock' | 'store'>): UseCases => ({
  record: createRecorder({ store, clock }).record,
  read: createReadProgress({ reader: store, clock, stalledAfterMs: STALLED_AFTER_MS }),
  remove: createRemoveFile({ store, clock }),
})
