import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { createRecorder } from '@pebbles/core'
import { anUpdate, client, word } from '@pebbles/core/testing'
import { expect, it } from 'vitest'
import { clock, ids, openStore, temporaryFolder } from '../test/harness.ts'
import { connect } from './connect.ts'
import { assembleStore } from './open-store.ts'

/** prlimit and setpriv, which bring the trouble about, are Linux's. */
const onLinux = it.skipIf(process.platform !== 'linux')

const pages = (db: DatabaseSync, most: number): void => db.exec(`PRAGMA max_page_count = ${most}`)

it('a full database refuses, keeps what it has, and goes on when there is room', async () => {
  using folder = temporaryFolder()
  const db = await connect(folder.file, clock)
  await using store = assembleStore(db, { path: folder.file, clock, ids })
  const { record } = createRecorder({ store, clock })
  await record([anUpdate({ filename: 'first.csv' })])
  pages(db, 60)
  let created = 1
  let full = null
  for (let n = 0; full === null && n < 200; n += 1) {
    const [outcome] = await record([anUpdate({ filename: `f${n}.csv`, errors: ['x'.repeat(5_000)] })])
    if (outcome?.kind === 'applied') created += 1
    else full = outcome
  }
  expect(full).toMatchObject({ kind: 'unavailable', cause: { code: 'STORE_UNAVAILABLE', cause: { errcode: 13 } } })
  expect(await store.sums(client(), 0)).toMatchObject({ files: created, counts: { done: BigInt(created) } })

  pages(db, 10_000)
  await store.ping()
  expect((await record([anUpdate({ filename: 'after.csv' })])).map(word)).toEqual(['created'])
  expect(await store.sums(client(), 0)).toMatchObject({ files: created + 1 })
  expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
})

onLinux(
  'a write error of the operating system refuses, and the process goes on when the cause is gone',
  async () => {
    using folder = temporaryFolder()
    await (await openStore(folder.file)).close()
    // The shell's limit makes every write beyond 400 KiB fail; it is lifted from outside while the writer goes on.
    const writer = startLimitedWriter(folder.file, 400)
    await writer.failure
    execFileSync('prlimit', ['--pid', String(writer.child.pid), '--fsize=unlimited:unlimited'])
    expect(await writer.exit).toBe(0)
    await using store = await openStore(folder.file)
    const sums = await store.sums(client(), 0)
    expect(sums.counts.done).toBe(600n)
    const db = new DatabaseSync(folder.file, { readOnly: true })
    expect(db.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    db.close()
  },
  60_000,
)

const startLimitedWriter = (path: string, kib: number) => {
  const script = fileURLToPath(new URL('../test/writer.ts', import.meta.url))
  const command = `trap '' XFSZ; ulimit -S -f ${kib}; exec "$0" "$@"`
  const child: ChildProcess = spawn('bash', ['-c', command, process.execPath, script, path, 'limited', '600', '50'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin?.write('go\n')
  child.stdout?.resume()
  return {
    child,
    failure: once(child.stderr as NonNullable<typeof child.stderr>, 'data'),
    exit: once(child, 'exit').then(([code]) => code as number | null),
  }
}

it('a file that another process holds all the time is told from one that must not be touched', async () => {
  using folder = temporaryFolder()
  await (await openStore(folder.file)).close()
  const holder = new DatabaseSync(folder.file)
  holder.exec('BEGIN IMMEDIATE')
  await expect(openStore(folder.file)).rejects.toMatchObject({ name: 'Error', code: 'STORE_BUSY' })
  holder.exec('ROLLBACK')
  holder.close()
  await (await openStore(folder.file)).close()
})

onLinux('a file that can only be read is refused with its reason', async () => {
  using folder = temporaryFolder()
  await (await openStore(folder.file)).close()
  chmodSync(folder.file, 0o444)
  const script = fileURLToPath(new URL('../test/open.ts', import.meta.url))
  // The administrator may write everywhere; without this one privilege the file's mode counts for root, too.
  const mortal = ['setpriv', '--bounding-set', '-dac_override', '--inh-caps', '-dac_override']
  const [command = '', ...args] = [...(process.getuid?.() === 0 ? mortal : []), process.execPath, script, folder.file]
  expect(execFileSync(command, args).toString()).toMatch(
    /^STORE_INACCESSIBLE The store file .*store\.db cannot be opened and written/,
  )
})
