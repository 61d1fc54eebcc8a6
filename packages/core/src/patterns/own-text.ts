/** Shorter than this, a whole message costs no more than what is kept of it. */
const LONG_MESSAGE = 2_048

/**
 * How parts of a message are taken that are kept for long: an engine lets a part keep the whole of what it was cut from,
 * and a table of patterns would hold a message of 64 KiB for each of its rows. Of long ones each part is a copy.
 */
export const partsOf = (message: string): ((part: string) => string) => (message.length < LONG_MESSAGE ? asIs : copyOf)

const asIs = (part: string): string => part

/** What is put together first is written anew as a whole. */
const copyOf = (part: string): string => ` ${part}`.slice(1)
