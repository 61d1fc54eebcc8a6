/** What is wrong at one place of a body. `path` and `pointer` name the same place. */
export interface BodyError {
  /** Such as `counts.done`; empty for the body as a whole. */
  readonly path: string
  /** A JSON Pointer as a URI fragment, such as `#/counts/done`. */
  readonly pointer: string
  readonly message: string
}

export type PathSegments = readonly (string | number)[]

/** Segments are names of known fields and indexes only, so nothing in them needs escaping. */
export const bodyError = (at: PathSegments, message: string): BodyError => ({
  path: at.join('.'),
  pointer: at.length === 0 ? '#' : `#/${at.join('/')}`,
  message,
})

/** More than these are not reported: one body can have hundreds of thousands. */
export const MAX_BODY_ERRORS = 100
