import { readFile } from 'node:fs/promises'
import { lookAgain } from './look-again.ts'

export interface MemoryWatch extends AsyncDisposable {
  /** The most that was resident since it was asked last (bytes). */
  readonly takePeak: () => number
}

const LOOK_EVERY_MS = 50

/** Looks again and again how much memory a process has, on Linux. Disposing of it rejects when the process was gone. */
export const watchMemory = (pid: number): MemoryWatch => {
  let peak = 0
  const watcher = lookAgain(LOOK_EVERY_MS, async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    peak = Math.max(peak, Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024)
  })
  return {
    takePeak: () => {
      const found = peak
      peak = 0
      return found
    },
    ...watcher,
  }
}
