import { resolve } from 'node:path'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type {
  DownReport,
  Fault,
  FaultCode,
  MigrationPlan,
  MigrationStep,
  MongoMigration,
  UpReport,
} from '../open-store.ts'
import { loadConfig } from '../service/local-config.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { formatCount, formatDuration } from '../terminal/format-figures.ts'
import { formatTable } from '../terminal/format-table.ts'
import { printJson, printLine } from '../terminal/print.ts'
import { createProgressBars } from '../terminal/progress-bars.ts'

interface Json {
  readonly json?: true
}

/** What `up` would meet and do. */
export const plan = ({ json }: Json, context: Context): Promise<ExitCode> =>
  withMigration(context, async (migration) => {
    const facts = await migration.plan()
    await (json ? printJson(context.stdout, facts) : printLine(context.stdout, formatPlan(facts)))
    return EXIT.ok
  })

/** Migrates; a run that was stopped is followed by another. */
export const up = ({ json, dryRun }: Json & { readonly dryRun?: true }, context: Context): Promise<ExitCode> =>
  dryRun
    ? plan(json ? { json } : {}, context)
    : withMigration(context, async (migration) => {
        const report = await migration.up()
        await (json ? printJson(context.stdout, report) : printLine(context.stdout, formatUp(report)))
        return report.left > 0 ? EXIT.failed : EXIT.ok
      })

/** Looks for what is wrong with a migrated database. */
export const verify = ({ json }: Json, context: Context): Promise<ExitCode> =>
  withMigration(context, async (migration) => {
    const faults = await migration.verify()
    if (json) await printJson(context.stdout, { ok: faults.length === 0, faults })
    else await printLine(context.stdout, faults.length === 0 ? 'Nothing is wrong.' : faults.map(formatFault).join('\n'))
    return faults.length === 0 ? EXIT.ok : EXIT.failed
  })

export interface DownChoice extends Json {
  readonly park?: true
  readonly rest?: string
}

/** Hands the database to the old version. */
export const down = ({ json, park, rest }: DownChoice, context: Context): Promise<ExitCode> =>
  withMigration(context, async (migration) => {
    const stamp = new Date(context.now()).toISOString().replaceAll(/\D/g, '').slice(0, 14)
    const restFile = resolve(context.cwd, rest ?? `pebbles-rest-${stamp}.ndjson`)
    const report = await migration.down({ park: park === true, restFile })
    if (json) await printJson(context.stdout, report)
    else await printLine(report.kind === 'done' ? context.stdout : context.stderr, formatDown(report))
    return report.kind === 'done' ? EXIT.ok : EXIT.failed
  })

const withMigration = async (
  context: Context,
  work: (migration: MongoMigration) => Promise<ExitCode>,
): Promise<ExitCode> => {
  const config = await loadConfig(context)
  if (config.mongoUri === null)
    throw new CliError({
      exit: EXIT.config,
      message: 'There is nothing to migrate: MONGO_URI is not set, and SQLite has no data of the old version.',
      next: 'Set MONGO_URI to the database of the old version.',
    })
  const show = showSteps(context)
  try {
    await using migration = await context.openMigration(config, show.step)
    return await work(migration)
  } finally {
    show.close()
  }
}

const showSteps = ({ stderr, color, now }: Context) => {
  const bars = createProgressBars({ stream: stderr, color: color.stderr, now })
  const begun = new Map<MigrationStep['step'], number>()
  const last = new Map<MigrationStep['step'], MigrationStep>()
  const draw = ({ step, done, total }: MigrationStep, ended: boolean): void => {
    const since = begun.get(step) ?? now()
    begun.set(step, since)
    const rate = now() > since ? (done * 1000) / (now() - since) : null
    bars.set(step, {
      label: step,
      counts: { done, warn: 0, failed: 0 },
      unit: 'documents',
      total,
      rate,
      etaMs: rate === null || rate === 0 || total === null ? null : ((total - done) / rate) * 1000,
      status: ended || (total !== null && done >= total) ? 'completed' : 'running',
    })
  }
  return {
    step: (step: MigrationStep): void => {
      last.set(step.step, step)
      draw(step, false)
    },
    close: (): void => {
      for (const step of last.values()) if (step.total === null) draw(step, true)
      bars.close()
    },
  }
}

const NOTHING_THERE =
  'There are no documents here. MONGO_URI names the database after the last slash: is it the old version’s? Without a name it is `test`.'

const formatPlan = ({ documents, clients, indexes, ownedTwice, legacyClient, ...facts }: MigrationPlan): string => {
  const { setAside } = documents
  const rows: readonly (readonly [string, string])[] = [
    ['documents', formatCount(documents.all)],
    ['without clientKrn', formatCount(documents.withoutClient)],
    ['to be given back after `down`', formatCount(documents.toGiveBack)],
    ['written by Pebbles', formatCount(documents.written)],
    ['of other clients', formatCount(documents.ofOtherClients)],
    ['set aside by `up`, by `down`', `${formatCount(setAside.byUp)}, ${formatCount(setAside.byDown)}`],
    ['legacy client', `${escapeText(legacyClient)}${facts.legacyClientKept ? ' (kept)' : ''}`],
    ['indexes present', list(indexes.published)],
    ['indexes missing', list(indexes.missing)],
    ['old indexes', list(indexes.old)],
    ['files owned twice', formatCount(ownedTwice.count)],
  ]
  const twice = ownedTwice.files.map(
    ({ clientKrn, filename, file, others }) =>
      `  ${escapeText(clientKrn)} ${escapeText(filename)}: ${escapeText(file.email)} (${escapeText(file.createdAt)}) stays; ${others
        .map(({ email, createdAt }) => `${escapeText(email)} (${escapeText(createdAt)})`)
        .join(', ')} set aside`,
  )
  const more = ownedTwice.count > twice.length ? [`  … and ${formatCount(ownedTwice.count - twice.length)} more`] : []
  const steps = facts.steps.map((step, at) => `  ${at + 1}. ${escapeText(step)}`)
  return [
    formatTable([{ title: 'WHAT' }, { title: 'HOW MANY' }], rows),
    '',
    formatTable(
      [{ title: 'CLIENT' }, { title: 'DOCUMENTS', align: 'right' }],
      clients.map((row) => [escapeText(row.clientKrn), formatCount(row.documents)]),
    ),
    ...(documents.all + setAside.byUp + setAside.byDown === 0 ? ['', NOTHING_THERE] : []),
    ...(twice.length > 0 ? ['', 'Files owned twice:', ...twice, ...more] : []),
    '',
    ...(steps.length === 0
      ? ['Nothing is to be done.']
      : ['`pebbles migrate up` will:', ...steps, `It will take about ${formatDuration(facts.estimateMs)}.`]),
  ].join('\n')
}

const list = (names: readonly string[]): string => (names.length === 0 ? '-' : names.map(escapeText).join(', '))

const formatUp = ({
  set,
  remembered,
  givenBack,
  taken,
  parked,
  unparked,
  made,
  dropped,
  refused,
  left,
  stillAside,
  restFiles,
}: UpReport): string => {
  const lines: readonly (readonly [boolean, string])[] = [
    [set > 0, `clientKrn set on ${formatCount(set)} documents`],
    [remembered > 0, `client noted on ${formatCount(remembered)} documents that had one`],
    [
      givenBack > 0,
      `given back: ${formatCount(givenBack)}, of which the old version had written ${formatCount(taken)}`,
    ],
    [unparked > 0, `brought back from progress_parked: ${formatCount(unparked)}`],
    [stillAside > 0, `still in progress_parked, as their name is taken: ${formatCount(stillAside)}`],
    [parked > 0, `set aside in progress_parked: ${formatCount(parked)}`],
    [made.length > 0, `indexes made: ${list(made)}`],
    [dropped.length > 0, `indexes dropped: ${list(dropped)}`],
    [restFiles.length > 0, `no longer needed, on the machine where \`down\` ran: ${list(restFiles)}`],
    [refused.length > 0, `without clientKrn, as their name is taken: ${list(refused)}`],
    [
      left > refused.length,
      `${formatCount(left)} documents have no clientKrn still: stop the old version, run this again`,
    ],
  ]
  const said = lines.flatMap(([is, text]) => (is ? [text] : []))
  return said.length === 0 ? 'Nothing was to be done.' : said.join('\n')
}

const formatDown = (report: DownReport): string => {
  if (report.kind === 'refused')
    return [
      `Nothing was changed: ${formatCount(report.count)} filenames belong to several clients, and the old version knows a file by its name alone.`,
      ...report.names
        .slice(0, SHOWN)
        .map(({ filename, clients }) => `  ${escapeText(filename)}: ${clients.map(escapeText).join(', ')}`),
      ...(report.count > SHOWN ? [`  … and ${formatCount(report.count - SHOWN)} more`] : []),
      'With --park the first of each stays, and the others wait in progress_parked for the next `pebbles migrate up`.',
    ].join('\n')
  const { writtenBack, setAside, broughtBack, stillAside, made, dropped, rest, earlierRest } = report
  const lines: readonly (readonly [boolean, string])[] = [
    [true, `handed to the old version: ${formatCount(writtenBack)} documents`],
    [broughtBack > 0, `second owners’ documents brought back: ${formatCount(broughtBack)}`],
    [
      stillAside > 0,
      `second owners’ documents that stay set aside, as their name is taken or they are too large: ${formatCount(stillAside)}`,
    ],
    [setAside > 0, `set aside in progress_parked: ${formatCount(setAside)}`],
    [made.length > 0, `indexes made: ${list(made)}`],
    [dropped.length > 0, `indexes dropped: ${list(dropped)}`],
    [
      rest !== null,
      `errors and warnings beyond 8 MiB a document: ${formatCount(rest?.rows ?? 0)}, in ${escapeText(rest?.file ?? '')}`,
    ],
    [earlierRest.length > 0, `more of them, of runs before this one: ${list(earlierRest)}`],
  ]
  return lines.flatMap(([is, text]) => (is ? [text] : [])).join('\n')
}

const FAULTS: Readonly<Record<FaultCode, string>> = {
  WITHOUT_CLIENT: 'documents have no clientKrn: run `pebbles migrate up`',
  NOT_GIVEN_BACK: 'documents are with the old version: run `pebbles migrate up`',
  INDEX_MISSING: 'indexes are missing: run `pebbles migrate up`',
  OLD_INDEX:
    'indexes of the old version stand, and refuse names that two clients share: stop it, run `pebbles migrate up`',
  OWNED_TWICE: 'files have several owners’ documents: run `pebbles migrate up`, which sets the younger ones aside',
  CLIENT_CHANGED: 'documents had their clientKrn changed by hand: set it back, and use `pebbles clients move`',
  WRITTEN_OUTSIDE:
    'documents were written by something else than Pebbles: stop it, set them to what their journals say',
  HALF_PARKED: 'documents are on their way to or from progress_parked: run `pebbles migrate up`',
}

const SHOWN = 20

const formatFault = ({ code, count, items }: Fault): string =>
  [
    `${code}: ${formatCount(count)} ${FAULTS[code]}`,
    ...items.slice(0, SHOWN).map((item) => `  ${escapeText(item)}`),
    ...(count > SHOWN ? [`  … and ${formatCount(count - SHOWN)} more`] : []),
  ].join('\n')
