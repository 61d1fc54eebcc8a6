import type { Clock } from '@pebbles/core'
import type { Access } from './access.ts'

/** So long may a read hold the event loop before it lets others run. */
const SLICE_MS = 8

/**
 * Runs a read in slices, each one view of the database, until it says that it is done. Between two slices nothing
 * is open, so others write meanwhile.
 */
export const readInSlices = async (
  access: Access,
  clock: Clock,
  slice: (isTimeUp: () => boolean) => boolean,
): Promise<void> => {
  for (;;) {
    const done = await access.read(() => {
      const started = clock.monotonic()
      return slice(() => clock.monotonic() - started > SLICE_MS)
    })
    if (done) return
    await clock.pause()
  }
}
