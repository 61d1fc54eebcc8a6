import { clientRowOf } from '@pebbles/wire'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { hasStore } from '../open-store.ts'
import { loadConfig } from '../service/local-config.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { formatAge, formatCount } from '../terminal/format-figures.ts'
import { formatTable } from '../terminal/format-table.ts'
import { printJson, printLine } from '../terminal/print.ts'

/** The clients of the store that is configured here, most recently updated first. */
export const run = async ({ json }: { readonly json?: true }, context: Context): Promise<ExitCode> => {
  const config = await loadConfig(context)
  const isThere = hasStore(config)
  const rows = isThere ? await readClients(context, config) : []
  if (json) await printJson(context.stdout, rows)
  else if (rows.length === 0)
    await printLine(
      context.stderr,
      isThere ? 'No clients yet.' : `No service has started in ${escapeText(config.dataDir)} yet.`,
    )
  else
    await printLine(
      context.stdout,
      formatTable(
        [{ title: 'CLIENT' }, { title: 'FILES', align: 'right' }, { title: 'LAST UPDATE' }],
        rows.map(({ clientKrn, files, lastUpdate }) => [
          escapeText(clientKrn),
          formatCount(files),
          formatAge(lastUpdate, context.now()),
        ]),
      ),
    )
  return EXIT.ok
}

const readClients = async (context: Context, config: Awaited<ReturnType<typeof loadConfig>>) => {
  await using store = await context.openStore(config)
  return (await store.clients()).map(clientRowOf)
}
