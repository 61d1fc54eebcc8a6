/** A caller's own request id, or undefined when it is not one that may be echoed: then one is made. */
export const parseRequestId = (header: string | undefined): string | undefined =>
  header !== undefined && /^[A-Za-z0-9._~-]{1,128}$/.test(header) ? header : undefined

/** The caller's place in a trace. */
export interface TraceParent {
  readonly traceId: string
  readonly parentId: string
  readonly sampled: boolean
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** Reads W3C `traceparent`; undefined when there is none or it is not valid: then a trace begins here. */
export const parseTraceparent = (header: string | undefined): TraceParent | undefined => {
  const [, version, traceId, parentId, flags, more] = TRACEPARENT.exec(header ?? '') ?? []
  if (version === undefined || traceId === undefined || parentId === undefined || flags === undefined) return undefined
  // A later version may say more; version 00 may not, and ff is none.
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined
  if (/^0+$/.test(traceId) || /^0+$/.test(parentId)) return undefined
  return { traceId, parentId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}
