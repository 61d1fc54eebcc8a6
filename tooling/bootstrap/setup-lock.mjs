import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A holder that has not touched its lock for so long is gone: its machine went down, or another container ended. */
const STALE_AFTER_MS = 30_000
const TOUCH_EVERY_MS = 5_000
const LOOK_EVERY_MS = 250

/**
 * Runs `work` while no other process on this tree does; waits for one that does. What a dead process left behind is
 * taken over.
 * @template T
 * @param {string} folder of locks; made when missing
 * @param {() => Promise<T>} work
 * @param {() => void} onWait told once, when another holds the lock
 * @returns {Promise<T>}
 */
export const withLock = async (folder, work, onWait) => {
  mkdirSync(folder, { recursive: true })
  const lock = join(folder, 'lock')
  const id = randomUUID()
  for (let waited = false; !take(folder, lock, id); waited = true) {
    if (!waited) onWait()
    await sleep(LOOK_EVERY_MS)
  }
  const touching = setInterval(() => touch(lock), TOUCH_EVERY_MS)
  try {
    return await work()
  } finally {
    clearInterval(touching)
    if (readHolder(lock)?.id === id) rmSync(lock, { recursive: true, force: true })
  }
}

/**
 * The lock is a folder with its holder's name in it, made aside and renamed, so it never exists without a holder:
 * a folder that is not empty cannot be renamed over.
 * @param {string} folder
 * @param {string} lock
 * @param {string} id
 */
const take = (folder, lock, id) => {
  const mine = join(folder, `lock-of-${id}`)
  mkdirSync(mine, { recursive: true })
  writeFileSync(join(mine, 'holder.json'), JSON.stringify({ id, pid: process.pid, host: hostname() }))
  if (rename(mine, lock)) return true
  rmSync(mine, { recursive: true, force: true })
  const stale = findStale(lock)
  if (stale === null) return false
  // Named after the dead holder: of several that find it, one can move it, and none can move its successor's lock.
  const aside = join(folder, `left-by-${stale}`)
  if (rename(lock, aside)) setTimeout(() => rmSync(aside, { recursive: true, force: true }), 2 * LOOK_EVERY_MS).unref()
  return false
}

/**
 * @param {string} from
 * @param {string} to
 */
const rename = (from, to) => {
  try {
    renameSync(from, to)
    return true
  } catch {
    return false
  }
}

/**
 * The id of a holder that lives no more, else null.
 * @param {string} lock
 * @returns {string | null}
 */
const findStale = (lock) => {
  const holder = readHolder(lock)
  if (!holder) return null
  const { id, pid, host, idleMs } = holder
  return idleMs > STALE_AFTER_MS || (host === hostname() && !lives(pid)) ? id : null
}

/**
 * Null when the lock went away in the meantime.
 * @param {string} lock
 * @returns {{ id: string, pid: number, host: string, idleMs: number } | null}
 */
const readHolder = (lock) => {
  try {
    const holder = JSON.parse(readFileSync(join(lock, 'holder.json'), 'utf8'))
    return { ...holder, idleMs: Date.now() - statSync(lock).mtimeMs }
  } catch {
    return null
  }
}

/** @param {number} pid */
const lives = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** @param {string} lock */
const touch = (lock) => {
  const now = new Date()
  try {
    utimesSync(lock, now, now)
  } catch {
    // Taken over while this machine slept: the work goes on, its steps bear being repeated.
  }
}
