import { createRecorder, type ProgressStore, type Recorder, type RecorderDeps } from '@pebbles/core'
import { systemClock } from '@pebbles/runtime'

/** Nobody waits for a single message, and what many in a group bring for one file is written once. */
const GROUP_UPDATES = 16_000

/** The use case as a worker has it. */
export const createWorkerRecorder = (
  store: ProgressStore,
  options: Pick<RecorderDeps, 'onGroup' | 'lingerMs'> = {},
): Recorder['record'] =>
  createRecorder({ store, clock: systemClock, maxGroupUpdates: GROUP_UPDATES, ...options }).record
