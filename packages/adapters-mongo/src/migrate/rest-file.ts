import { type FileHandle, open } from 'node:fs/promises'
import type { RestRow } from './old-arrays.ts'

/** Issues that had no room in their documents, which their journals have, too: one JSON object a line. */
export interface RestFile {
  readonly add: (
    row: RestRow & { readonly id: string; readonly clientKrn: string; readonly filename: string },
  ) => Promise<void>
  /** Resolves when all of it is on the disk: before that the document must not lose its issues. */
  readonly flush: () => Promise<void>
  readonly rows: () => number
  readonly close: () => Promise<void>
}

const BUFFERED = 1024 * 1024

/** Makes the file when there is something to write, after `onBegin`; one that is there is written on. */
export const createRestFile = (path: string, onBegin: () => Promise<void>): RestFile => {
  let file: FileHandle | undefined
  let text = ''
  let rows = 0
  const write = async (): Promise<void> => {
    if (text === '') return
    if (file === undefined) {
      await onBegin()
      file = await open(path, 'a', 0o600)
    }
    const whole = text
    text = ''
    await file.writeFile(whole)
  }
  return {
    add: async ({ id, clientKrn, filename, kind, no, line, message }) => {
      text += `${JSON.stringify({ id, clientKrn, filename, kind, no, line, message })}\n`
      rows += 1
      if (text.length > BUFFERED) await write()
    },
    flush: async () => {
      await write()
      await file?.datasync()
    },
    rows: () => rows,
    close: async () => {
      await write()
      await file?.close()
    },
  }
}

/** Longer than any row: a message has 64 KiB, and six bytes for each of its bytes at most. */
const TAIL = 1024 * 1024

/**
 * Cuts a row off that a kill has left unfinished. Nothing is lost by it: a document is handed over when its rows are on
 * the disk, so they are written again. A file that is not on this machine is left alone.
 */
export const mendRestFile = async (path: string): Promise<void> => {
  let file: FileHandle
  try {
    file = await open(path, 'r+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  try {
    const { size } = await file.stat()
    const from = Math.max(0, size - TAIL)
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
    const end = from + buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1
    if (end < size) await file.truncate(end)
  } finally {
    await file.close()
  }
}
