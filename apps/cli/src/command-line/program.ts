import { Command, CommanderError } from 'commander'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { escapeText } from '../terminal/escape-text.ts'
import type { Bind } from './bind.ts'
import { defineFileCommands } from './define-file-commands.ts'
import { defineLocalCommands } from './define-local-commands.ts'
import { reportError } from './report-error.ts'

const EXIT_CODES = `
Exit codes:
  0    ok
  1    the command ran, and its answer is no: a file failed, a check failed, nothing under this name
  2    wrong usage
  65   the input is not what it should be      66   the input cannot be opened
  69   the service or the port is not available
  70   a bug                                   74   input/output failed, or a store file must not be touched
  77   not allowed: no token, or one that does not cover this
  78   the configuration is not valid          128+n  ended by signal n

In a clone, "pebbles ARGS" is "npm run -s pebbles -- ARGS".
`

/** Runs one command line to its exit code. Everything it prints goes to the context's streams. */
export const runCli = async (args: readonly string[], context: Context): Promise<ExitCode> => {
  let exit: ExitCode = EXIT.ok
  const bind: Bind =
    (load) =>
    async (...given) => {
      const { run } = await load()
      // The last one is commander's own command.
      exit = await (run as (...all: unknown[]) => Promise<ExitCode>)(...given.slice(0, -1), context)
    }
  try {
    await createProgram(bind, context).parseAsync([...args], { from: 'user' })
    return exit
  } catch (error) {
    const known = error instanceof CommanderError ? usageError(error, args) : error
    if (known === null) return EXIT.ok
    return reportError(known, context, args.includes('--json'))
  }
}

const createProgram = (bind: Bind, { stdout, stderr }: Context): Command => {
  const program = new Command('pebbles')
    .description('Reports the progress of file processing, and shows where every file stands.')
    .version('0.1.0', '-V, --version')
    .showSuggestionAfterError()
    .helpCommand('help [command]', 'more about a command')
    .configureHelp({
      sortSubcommands: false,
      showGlobalOptions: false,
      helpWidth: Math.min(100, stdout.columns ?? 100),
    })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => Math.min(100, stdout.columns ?? 100),
      outputError: () => undefined,
    })
    .exitOverride()
    // `--json` behind the name of a command within a command is that one's.
    .enablePositionalOptions()
    .addHelpText('after', EXIT_CODES)
  defineFileCommands(program, bind)
  defineLocalCommands(program, bind)
  for (const command of program.commands) command.copyInheritedSettings(program)
  return program
}

/** Null when commander has answered already, with help or the version. */
const usageError = ({ exitCode, code, message }: CommanderError, args: readonly string[]): CliError | null => {
  if (exitCode === 0) return null
  const command = args.find((arg) => /^[a-z]+$/.test(arg))
  const next = `"pebbles ${command === undefined || code === 'commander.unknownCommand' ? '' : `${command} `}--help" shows what there is.`
  if (code === 'commander.help') return new CliError({ exit: EXIT.usage, message: 'A command is missing.', next })
  const text = escapeText(message.replace(/^error: /, '').replace(/\n\(?/g, ' (')).replace(/([^.?)])$/, '$1.')
  return new CliError({ exit: EXIT.usage, message: text.charAt(0).toUpperCase() + text.slice(1), next })
}
