import {
  type ClientKrn,
  createMoveFiles,
  type Email,
  type FileName,
  type MoveObstacle,
  type MoveSelection,
  parseClientKrn,
  parseEmail,
  parseFileName,
} from '@pebbles/core'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { hasStore } from '../open-store.ts'
import { loadConfig } from '../service/local-config.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { formatCount } from '../terminal/format-figures.ts'
import { printJson, printLine } from '../terminal/print.ts'
import { createProgressBars } from '../terminal/progress-bars.ts'

export interface MoveFilesOptions {
  readonly from: string
  readonly to: string
  readonly filename?: readonly string[]
  readonly email?: string
  readonly dryRun?: true
  readonly json?: true
}

const MOST_NAMES = 20

/** Brings files from one client to another, each wholly here or there. What was interrupted goes on when run again. */
export const run = async (options: MoveFilesOptions, context: Context): Promise<ExitCode> => {
  const selection = selectionOf(options)
  const config = await loadConfig(context)
  if (!hasStore(config))
    throw new CliError({
      exit: EXIT.failed,
      message: `There is nothing to move: MONGO_URI is not set, and no service has started in ${escapeText(config.dataDir)} yet.`,
      next: 'Set MONGO_URI, or DATA_DIR to the folder of the service.',
    })
  const { createInnerIds } = await import('@pebbles/runtime')
  await using store = await context.openStore(config)
  const files = createMoveFiles({ reader: store, moves: store.moves, clock: context, newId: createInnerIds() })

  const plan = await files.plan(selection)
  if (plan.kind === 'obstacle') throw new CliError(OBSTACLES[plan.obstacle])
  const { files: found, taken, missing } = plan
  const facts = { from: selection.from, to: selection.to, files: found, missing, taken }
  if (taken.length > 0) {
    if (options.json) await printJson(context.stdout, { ...facts, moved: 0 })
    throw new CliError({
      exit: EXIT.failed,
      code: 'NAME_TAKEN',
      message: `Nothing was moved: ${escapeText(selection.to)} has ${counted(taken.length)} of the same name: ${listed(taken)}`,
      next: 'Leave these out with --filename or --email, or delete them there, then run it again.',
    })
  }
  if (options.dryRun) {
    if (options.json) await printJson(context.stdout, { ...facts, moved: 0 })
    else await printLine(context.stdout, `${counted(found)} would be moved.${missingText(missing)}`)
    return EXIT.ok
  }
  const { moved, lost } = await moveAll(files, selection, found, context)
  if (options.json) await printJson(context.stdout, { ...facts, taken: lost, moved })
  else await printLine(context.stdout, `${counted(moved)} moved.${missingText(missing)}`)
  if (lost.length === 0) return EXIT.ok
  throw new CliError({
    exit: EXIT.failed,
    code: 'NAME_TAKEN',
    message: `Left where they are, as their names were taken meanwhile: ${listed(lost)}`,
  })
}

const moveAll = async (
  files: ReturnType<typeof createMoveFiles>,
  selection: MoveSelection,
  total: number,
  context: Context,
): Promise<{ moved: number; lost: readonly FileName[] }> => {
  const bars = createProgressBars({ stream: context.stderr, color: context.color.stderr, now: context.now })
  const counts = { done: 0, warn: 0, failed: 0 }
  const show = (status: 'running' | 'completed'): void =>
    bars.set('move', {
      label: 'moved',
      counts: { ...counts },
      total: Math.max(total, 1),
      rate: null,
      etaMs: null,
      status,
    })
  try {
    const lost = await files.move(selection, (moved) => {
      counts[moved ? 'done' : 'warn'] += 1
      show('running')
    })
    show('completed')
    return { moved: counts.done, lost }
  } finally {
    bars.close()
  }
}

const selectionOf = ({ from, to, filename, email }: MoveFilesOptions): MoveSelection => {
  if (from === to) throw usage('--from and --to name the same client.')
  return {
    from: clientOf('--from', from),
    to: clientOf('--to', to),
    ...(filename === undefined ? {} : { filenames: filename.map(nameOf) }),
    ...(email === undefined ? {} : { email: emailOf(email) }),
  }
}

const clientOf = (option: string, text: string): ClientKrn => {
  const client = parseClientKrn(text)
  if (client === undefined)
    throw usage(`${option} is no client KRN: "${escapeText(text)}". For example krn:acme:client:prod-001`)
  return client
}

const nameOf = (text: string): FileName => {
  const name = parseFileName(text)
  if (name === undefined) throw usage(`"${escapeText(text)}" can be no filename.`)
  return name
}

const emailOf = (text: string): Email => {
  const email = parseEmail(text)
  if (email === undefined) throw usage(`"${escapeText(text)}" is no email.`)
  return email
}

const usage = (message: string): CliError => new CliError({ exit: EXIT.usage, message })

const counted = (count: number): string => `${formatCount(count)} ${count === 1 ? 'file' : 'files'}`

const listed = (names: readonly FileName[]): string => {
  const shown = names.slice(0, MOST_NAMES).map(escapeText).join(', ')
  return names.length > MOST_NAMES ? `${shown} and ${formatCount(names.length - MOST_NAMES)} more` : shown
}

const missingText = (missing: readonly FileName[]): string =>
  missing.length === 0 ? '' : ` Not there (any more): ${listed(missing)}`

const OBSTACLES: Readonly<Record<MoveObstacle, ConstructorParameters<typeof CliError>[0]>> = {
  STANDALONE: {
    exit: EXIT.config,
    code: 'STANDALONE',
    message: 'A move is a transaction, and this MongoDB is a standalone, which has none.',
    next: 'Start it as a replica set of one: add --replSet rs0, run rs.initiate() once, and name replicaSet=rs0 in MONGO_URI.',
  },
  NOT_MIGRATED: {
    exit: EXIT.config,
    code: 'NOT_MIGRATED',
    message:
      'There are documents without a client here, or the old version’s unique index, so nothing can be moved yet.',
    next: 'Run `pebbles migrate up` first.',
  },
}
