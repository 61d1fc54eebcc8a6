import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createRecorder } from '@pebbles/core'
import { anUpdate, client } from '@pebbles/core/testing'
import { expect, it } from 'vitest'
import { clock, copyFile, ids, openStore, seeded, temporaryFolder } from '../test/harness.ts'
import { connect } from './connect.ts'
import { assembleStore } from './open-store.ts'

const FILES = 7

interface Snapshot {
  readonly path: string
  readonly acknowledged: number
}

it('what a disk holds at any moment opens with everything that was acknowledged by then', async () => {
  using folder = temporaryFolder()
  const random = seeded(20_260_115)
  const db = await connect(folder.file, clock)
  // Checkpoints come often, so that many a copy is taken after the log began anew.
  db.exec('PRAGMA wal_autocheckpoint = 30')
  await using store = assembleStore(db, { path: folder.file, clock, ids })
  const { record } = createRecorder({ store, clock })
  const snapshots: Snapshot[] = []
  let acknowledged = 0
  for (let n = 0; n < 150; n += 1) {
    const size = 1 + Math.floor(random() * 6)
    const updates = Array.from({ length: size }, (_, index) =>
      anUpdate({ filename: `f${(n + index) % FILES}.csv`, errors: index === 0 ? [`trouble ${n}`] : [] }),
    )
    const torn = random() < 0.3 ? beginTornCopy(folder.file, join(folder.path, `torn-${n}.db`), acknowledged) : null
    expect((await record(updates)).every((outcome) => outcome.kind === 'applied')).toBe(true)
    if (torn !== null) snapshots.push(torn(random))
    acknowledged += size
    if (random() < 0.2) snapshots.push(copyOf(folder.file, join(folder.path, `after-${n}.db`), acknowledged))
  }
  expect(snapshots.length).toBeGreaterThan(50)
  let lost = 0
  for (const { path, acknowledged: promised } of snapshots) {
    await using survivor = await openStore(path)
    const sums = await survivor.sums(client(), 0)
    const files = await survivor.list({ client: client(), stalledBefore: 0 }, 100, null)
    const done = files.reduce((sum, file) => sum + file.counts.done, 0)
    expect(done).toBeGreaterThanOrEqual(promised)
    if (path.includes('torn') && done === promised) lost += 1
    // A group is whole or not there; and what is there agrees with itself.
    expect(done).toBeLessThanOrEqual(promised + 6)
    expect(sums.counts.done).toBe(BigInt(done))
    for (const file of files) {
      const history = await survivor.history(file, 1_000, 0)
      expect(history.reduce((sum, row) => sum + row.counts.done, 0)).toBe(file.counts.done)
      expect(await survivor.issues(file, 'error', null, 1_000, null)).toHaveLength(file.issues.error.count)
    }
    const check = new DatabaseSync(path, { readOnly: true })
    expect(check.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    check.close()
  }
  // The copies were torn indeed.
  expect(lost).toBeGreaterThan(10)
}, 60_000)

const copyOf = (from: string, path: string, acknowledged: number): Snapshot => {
  for (const end of ['', '-wal']) copyFile(from + end, path + end)
  return { path, acknowledged }
}

const SECTOR_BYTES = 512

/**
 * As a power loss in the middle of a commit leaves it: the database as it was before, and of the sectors that the
 * commit wrote to the log only some.
 */
const beginTornCopy = (from: string, path: string, acknowledged: number): ((random: () => number) => Snapshot) => {
  copyFile(from, path)
  const before = readFileSync(`${from}-wal`)
  return (random) => {
    const log = readFileSync(`${from}-wal`)
    for (let at = 0; at < log.length; at += SECTOR_BYTES) {
      if (random() < 0.5) continue
      log.subarray(at, at + SECTOR_BYTES).fill(0)
      log.set(before.subarray(at, at + SECTOR_BYTES), at)
    }
    writeFileSync(`${path}-wal`, log)
    return { path, acknowledged }
  }
}
