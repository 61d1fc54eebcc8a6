import type { RefusalCode } from '@pebbles/core'
import type { BodyError } from '@pebbles/wire'

/** A refusal on its way out of a handler: the outermost middleware alone makes an answer of it. */
export class HttpProblem extends Error {
  readonly code: RefusalCode
  readonly facts: HttpProblemFacts

  constructor(code: RefusalCode, facts: HttpProblemFacts = {}) {
    super(facts.detail ?? code)
    this.code = code
    this.facts = facts
  }
}

export interface HttpProblemFacts {
  readonly detail?: string
  readonly errors?: readonly BodyError[]
  readonly outcome?: 'unknown'
  /** Where the route is now. */
  readonly successor?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}
