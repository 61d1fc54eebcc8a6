import { type Command, Option } from 'commander'
import type { Bind } from './bind.ts'
import { collect, parseCount, parseDelimiter, parseLimit, parseMs, parsePercent, parseText } from './parse-options.ts'

/** The commands that speak to a running service. */
export const defineFileCommands = (program: Command, bind: Bind): void => {
  const add = (name: string, summary: string): Command =>
    program
      .command(name)
      .summary(summary)
      .description(summary)
      .option('--url <url>', 'the service (default: PEBBLES_URL, else http://127.0.0.1:8081)', parseText)
  const clientOption = (what: string): Option => new Option('-c, --client <krn>', what).argParser(parseText)
  const json = (what: string): Option => new Option('--json', what)

  add('list', 'files and where they stand, most recently updated first')
    .addOption(clientOption("the client (default: all that an administrator's token sees)"))
    .addOption(
      new Option('--status <status>', 'only these').choices(['running', 'stalled', 'completed', 'failed', 'cancelled']),
    )
    .option('--search <text>', 'only files with this in their name', parseText)
    .option('--email <email>', 'only files of this owner', parseText)
    .option('-n, --limit <count>', 'at most so many', parseLimit, 50)
    .addOption(json('records as the API gives them, in an array'))
    .action(bind(() => import('../commands/list.ts')))

  add('show', 'one file: its counts, and what went wrong, by pattern')
    .argument('<file>', 'the filename', parseText)
    .addOption(clientOption('the client (default: the only one that has this file)'))
    .option('--pattern <id>', 'the lines of this pattern, their values in columns', parseText)
    .option('-n, --limit <count>', 'with --pattern: at most so many lines', parseLimit, 100)
    .addOption(json('the record, or with --pattern its issues'))
    .action(bind(() => import('../commands/show.ts')))

  add('watch', 'live progress bars; with filenames until all of them have ended')
    .argument('[file...]', 'only these', collect(parseText))
    .addOption(clientOption("the client (default: all that an administrator's token sees)"))
    .option('--every <time>', 'how often to look, such as 500ms or 2s', parseMs, 1_000)
    .addOption(json('one record a line, whenever one changes'))
    .action(bind(() => import('../commands/watch.ts')))

  add('send', 'one update, from flags or as JSON on standard input')
    .addOption(clientOption('the client').makeOptionMandatory())
    .option('-f, --filename <name>', 'the file', parseText)
    .option('--done <count>', 'lines done since the last update', parseCount)
    .option('--warn <count>', 'lines done with a warning', parseCount)
    .option('--failed <count>', 'lines that failed', parseCount)
    .option('--total <count>', 'how many lines there are', parseLimit)
    .option('--last', 'completes the file')
    .addOption(new Option('--outcome <outcome>', 'with --last').choices(['succeeded', 'failed', 'cancelled']))
    .option('--reason <text>', 'with --last', parseText)
    .option('--error <[line:]text>', 'an error, repeatable', collect(parseText))
    .option('--warning <[line:]text>', 'a warning, repeatable', collect(parseText))
    .option('--key <key>', 'idempotency key: the same key counts once', parseText)
    .option('--wait <time>', 'how long to go on trying while the service is away', parseMs, 30_000)
    .addOption(json('the answer'))
    .action(bind(() => import('../commands/send.ts')))

  add('pipe', 'copies standard input to standard output, and reports its lines')
    .addOption(clientOption('the client').makeOptionMandatory())
    .addOption(new Option('-f, --filename <name>', 'the file').argParser(parseText).makeOptionMandatory())
    .option('--total <count>', 'how many lines will come', parseLimit)
    .option('--every <time>', 'how often to report', parseMs, 1_000)
    .option('--wait <time>', 'how long the end may wait for a service that is away', parseMs, 30_000)
    .addOption(json('the result, on standard error'))
    .action(bind(() => import('../commands/pipe.ts')))

  add('import', 'checks a CSV or JSON file row by row, and reports it')
    .argument('<file>', 'CSV, a JSON array of objects, or one JSON object a line; - for standard input', parseText)
    .addOption(clientOption('the client'))
    .option('-f, --filename <name>', "the name to report under (default: the file's own)", parseText)
    .option('--rules <rules.json>', 'what each column must be (default: learned from the first 1,000 rows)', parseText)
    .option('--print-rules', 'prints the rules that would be learned, and stops')
    .option('--every <rows>', 'rows of one update (default: by the size of the file)', parseLimit)
    .option(
      '--fail-above <percent>',
      'ends the file as failed, and this command with 1, when more rows than this failed',
      parsePercent,
    )
    .option('--delimiter <character>', 'of a CSV file (default: by its first line)', parseDelimiter)
    .option('--no-header', 'the first line of a CSV file is a row like the others')
    .option('--dry-run', 'checks only, and reports nothing')
    .option('--wait <time>', 'how long to go on trying while the service is away', parseMs, 30_000)
    .addOption(json('the result'))
    .action(bind(() => import('../commands/import.ts')))
}
