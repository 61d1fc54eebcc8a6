/** Whether the broker answered with one of these types of error, or it is what another error came of. */
export const hasErrorType = (error: unknown, types: ReadonlySet<string>): boolean => {
  for (let at = error; at instanceof Error; at = at.cause) if ('type' in at && types.has(String(at.type))) return true
  return false
}
