import type { Issue, UpdateId } from '@pebbles/core'
import type { ParsedUpdate } from './parse-update.ts'

/**
 * The text that two updates share exactly when they say the same: counts, total, isLast, outcome, reason, errors and
 * warnings, after defaults; neither the filename nor the key. Its digest tells a repeat from a reused key.
 */
export const canonicalUpdate = (update: ParsedUpdate): string =>
  // Most have no issue, and then there is one piece.
  update.errors.length + update.warnings.length === 0 ? headOf(update) : [...canonicalChunks(update)].join('')

/** The same text in pieces, so that a long one can be digested with pauses between. */
export function* canonicalChunks(update: ParsedUpdate): Generator<string, void, undefined> {
  yield headOf(update)
  yield* issueChunks(update.errors)
  yield* issueChunks(update.warnings)
}

/** JSON, by hand: this is done for each update, and all but the reason needs no escapes. */
const headOf = ({ counts: { done, warn, failed }, total, end, errors, warnings }: ParsedUpdate): string => {
  const ending = end === undefined ? 'false,null,null' : `true,"${end.outcome}",${JSON.stringify(end.reason)}`
  return `[[${done},${warn},${failed}],${total},${ending},${errors.length},${warnings.length}]`
}

/** Chosen by a caller: a header `Idempotency-Key`, or an `updateId`. */
export const callerId = (key: string): UpdateId => `caller:${key}`

/** Made of a batch's header key and an update's place in it, in a name space that no caller can name. */
export const batchId = (key: string, index: number): UpdateId => `batch:${key}#${index}`

const CHARACTERS_IN_A_CHUNK = 16_384

function* issueChunks(issues: readonly Issue[]): Generator<string, void, undefined> {
  let chunk = ''
  for (const { line, message } of issues) {
    // The length stands before each message, so no message can look like another issue.
    chunk += `\n${line ?? ''}:${message.length}:${message}`
    if (chunk.length < CHARACTERS_IN_A_CHUNK) continue
    yield chunk
    chunk = ''
  }
  yield chunk
}
