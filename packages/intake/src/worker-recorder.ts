import { createRecorder, type ProgressStore, type Recorder, type RecorderDeps } from '@pebbles/core'
import { systemClock } from '@pebbles/runtime'

/** Nobody waits for a single message, and of 8,000 in a group each costs a quarter less than of 4,000. */
const GROUP_UPDATES = 8_000

/** The use case as a worker has it. */
export const createWorkerRecorder = (
  store: ProgressStore,
  options: Pick<RecorderDeps, 'onGroup'> = {},
): Recorder['record'] =>
  createRecorder({ store, clock: systemClock, maxGroupUpdates: GROUP_UPDATES, ...options }).record
