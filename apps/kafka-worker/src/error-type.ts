/** Whether the broker answered with one of these types of error, or it is what another error came of. */
export const hasErrorType = (error: unknown, types: ReadonlySet<string>): boolean => {
  for (let at = error; at instanceof Error; at = at.cause) if ('type' in at && types.has(String(at.type))) return true
  return false
}

/** A topic that is not there, or that this user may not see. */
export const NO_TOPIC: ReadonlySet<string> = new Set(['UNKNOWN_TOPIC_OR_PARTITION'])
