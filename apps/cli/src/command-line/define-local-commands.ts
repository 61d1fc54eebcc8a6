import { Argument, type Command, Option } from 'commander'
import { appEntry } from '../processes/app-process.ts'
import type { Bind } from './bind.ts'
import { collect, parseExpiry, parseLimit, parsePort, parseText } from './parse-options.ts'

/** The commands that run services, or look at the configuration and the store of this folder. */
export const defineLocalCommands = (program: Command, bind: Bind): void => {
  const add = (name: string, summary: string): Command => program.command(name).summary(summary).description(summary)

  add('start', 'the service: the HTTP API and each enabled worker, as processes of their own')
    .option('--json', 'where it listens, and the token, as a line on standard output')
    .action(bind(async () => ({ run: (await import('../commands/start.ts')).start })))

  add('serve', 'the HTTP API alone')
    .option('--json', 'where it listens, and the token, as a line on standard output')
    .action(bind(async () => ({ run: (await import('../commands/start.ts')).serve })))

  const workers = (['sqs', 'kafka'] as const).filter((kind) => appEntry(`${kind}-worker`) !== null)
  if (workers.length > 0)
    add('worker', 'one queue worker alone')
      .addArgument(new Argument('<kind>').choices(workers))
      .option('--json', 'its log is JSON in any case')
      .action(bind(async () => ({ run: (await import('../commands/start.ts')).worker })))

  const dlq = add('dlq', 'what queue workers refused: list it, send it again')
  dlq
    .command('list')
    .description('the dead letters, with the reason of each')
    .option('--limit <n>', 'at most so many (default: 100)', parseLimit)
    .option('--json', 'the count and the rows')
    .action(bind(async () => ({ run: (await import('../commands/dlq.ts')).list })))
  dlq
    .command('replay')
    .description('sends them to the queue or topic again that is configured, each under its update id')
    .option('--json', 'how many were sent, and how many were left')
    .action(bind(async () => ({ run: (await import('../commands/dlq.ts')).replay })))

  add('token', 'prints a token: in development, or signed by JWT_SECRET')
    .option('--email <email>', 'whose (default in development: dev@localhost)', parseText)
    .option(
      '-c, --client <krn>',
      'a client that it covers, or a prefix such as krn:acme:*; repeatable (default: all)',
      collect(parseText),
    )
    .option('--admin', "an administrator's")
    .addOption(
      new Option('--expires <time>', 'such as 15m, 12h, 30d or never (default: 30d, 1h with JWT_SECRET)').argParser(
        parseExpiry,
      ),
    )
    .option('--json', 'the token and what it says')
    .action(bind(() => import('../commands/token.ts')))

  const clients = add('clients', 'the clients in the store of this folder')
    .option('--json', 'an array of clients')
    .action(bind(() => import('../commands/clients.ts')))
  clients
    .command('move')
    .description('brings files from one client to another, each wholly here or there')
    .requiredOption('--from <krn>', 'the client that has them', parseText)
    .requiredOption('--to <krn>', 'the client that gets them', parseText)
    .option('--filename <name>', 'this file; repeatable (default: all)', collect(parseText))
    .option('--email <email>', 'only files of this owner', parseText)
    .option('--dry-run', 'says what would be moved, and moves nothing')
    .option('--json', 'how many were moved, and which names were missing or taken')
    .action(bind(() => import('../commands/move-files.ts')))

  const migrate = add('migrate', 'brings the data of the old version over (MongoDB), checks it, or hands it back')
  migrate
    .command('plan')
    .description('what `up` would meet and do; changes nothing')
    .option('--json', 'the plan')
    .action(bind(async () => ({ run: (await import('../commands/migrate.ts')).plan })))
  migrate
    .command('up')
    .description('sets clientKrn, makes the new indexes, drops the old ones, while the service writes')
    .option('--dry-run', 'the same as plan')
    .option('--json', 'what was done')
    .action(bind(async () => ({ run: (await import('../commands/migrate.ts')).up })))
  migrate
    .command('verify')
    .description('what is wrong with a migrated database; exits with 1 when something is')
    .option('--json', 'the faults')
    .action(bind(async () => ({ run: (await import('../commands/migrate.ts')).verify })))
  migrate
    .command('down')
    .description('hands the database to the old version, while nothing of Pebbles runs; the next up takes it back')
    .option('--park', 'sets documents aside where several clients hold a filename, instead of refusing')
    .option(
      '--rest <file>',
      'where issues go that have no room in their documents (default: a new file here)',
      parseText,
    )
    .option('--json', 'what was done, or the filenames in the way')
    .action(bind(async () => ({ run: (await import('../commands/migrate.ts')).down })))

  add('doctor', 'looks at configuration, tokens, store, port and service, and says what to do')
    .option('--url <url>', 'the service (default: PEBBLES_URL, else http://127.0.0.1:8081)', parseText)
    .option('--json', 'the findings')
    .action(bind(() => import('../commands/doctor.ts')))

  add('demo', 'starts a service and imports real files side by side, some of them broken on purpose')
    .option('--fast', 'as fast as it goes, and ends when all is imported')
    .option('--port <port>', 'where to listen (default: any free port)', parsePort, 0)
    .option('--data <folder>', 'keeps the data here (default: a temporary folder)', parseText)
    .option('--exit', 'ends when all is imported, also on a terminal')
    .option('--json', 'the result; ends when all is imported')
    .action(bind(() => import('../commands/demo.ts')))
}
