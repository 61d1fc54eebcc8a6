import type { ExitCode } from './exit-codes.ts'

export interface CliErrorFacts {
  readonly exit: ExitCode
  /** One clear sentence: what went wrong. */
  readonly message: string
  /** What to do about it. */
  readonly next?: string
  readonly code?: string
  readonly cause?: unknown
}

/** An end of a command that its user can understand and act on. */
export class CliError extends Error {
  readonly exit: ExitCode
  readonly next: string | null
  readonly code: string | null

  constructor(facts: CliErrorFacts) {
    super(facts.message, { cause: facts.cause })
    this.name = 'CliError'
    this.exit = facts.exit
    this.next = facts.next ?? null
    this.code = facts.code ?? null
  }
}
