/** So often a thing that fails, though the store is there, is tried before it is taken for a bug: it may pass. */
export const BUG_TRIES = 3

/** How long (ms) to wait after so many tries. */
export const bugWaitMs = (tries: number): number => 300 * 2 ** tries
