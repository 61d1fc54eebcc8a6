import type { ExitCode } from '../exit-codes.ts'

/** What the module of a command gives: it takes its arguments, its options and the context. */
export interface CommandModule {
  readonly run: (...given: never[]) => Promise<ExitCode>
}

/** Makes an action of a command whose module is loaded only when it runs, so that others start quickly. */
export type Bind = (load: () => Promise<CommandModule>) => (...given: unknown[]) => Promise<void>
