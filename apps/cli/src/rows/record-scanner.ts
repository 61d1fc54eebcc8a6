import { type BrokenRow, ROW_BYTES_MAX } from './source-row.ts'

/**
 * Cuts CSV bytes into records, quotes respected. What comes out are the same records with plain `\n` between them and
 * as many line ends as went in, without the ones that no parser should see: longer than the limit, or with a quote
 * that nobody closes.
 */
export interface RecordScanner {
  readonly push: (bytes: Uint8Array) => Uint8Array
  /** The rest, once the input has ended. */
  readonly end: () => Uint8Array
  /** Records that are not empty, broken ones included. */
  readonly records: () => number
  /** The broken ones found since the last call, in order. */
  readonly takeBroken: () => readonly BrokenRow[]
}

const LF = 0x0a
const CR = 0x0d
const QUOTE = 0x22

/** Where the scanner stands within a record. */
type Place = 'field start' | 'plain' | 'quoted' | 'after quote'

export const createRecordScanner = ({
  delimiter,
  maxBytes = ROW_BYTES_MAX,
}: {
  readonly delimiter: number
  readonly maxBytes?: number
}): RecordScanner => {
  const record = Buffer.allocUnsafe(maxBytes + 1)
  let length = 0
  let place: Place = 'field start'
  let line = 1
  let startLine = 1
  let records = 0
  /** The bytes of a record that is too long are dropped up to its end. */
  let dropping = false
  let afterCr = false
  let broken: BrokenRow[] = []
  let out = Buffer.allocUnsafe(64 * 1024)
  let written = 0

  const reserve = (more: number): void => {
    if (written + more <= out.length) return
    const larger = Buffer.allocUnsafe(Math.max(out.length * 2, written + more))
    out.copy(larger, 0, 0, written)
    out = larger
  }
  const emitLineEnds = (count: number): void => {
    reserve(count)
    out.fill(LF, written, written + count)
    written += count
  }
  const finishRecord = (): void => {
    if (length > 0 || dropping) records++
    if (!dropping) {
      reserve(length)
      record.copy(out, written, 0, length)
      written += length
    }
    emitLineEnds(1)
    length = 0
    dropping = false
    place = 'field start'
    startLine = line
  }
  /** Gives up the first line of the record and reads what follows anew, as if the quote had not been there. */
  const reread = (problem: string): void => {
    const held = Buffer.from(record.subarray(0, length))
    const firstEnd = held.indexOf(LF)
    broken.push({ line: startLine, problem })
    length = 0
    dropping = true
    line = startLine + 1
    finishRecord()
    scan(held.subarray(firstEnd + 1))
  }
  const overflow = (): void => {
    if (place === 'quoted' && record.subarray(0, length).includes(LF)) {
      reread(`A quote is opened and not closed within ${sizeText(maxBytes)}`)
      return
    }
    broken.push({ line: startLine, problem: `The row is longer than ${sizeText(maxBytes)}` })
    emitLineEnds(line - startLine)
    length = 0
    dropping = true
  }
  const keep = (byte: number): void => {
    if (dropping) return
    record[length++] = byte
    if (length > maxBytes) overflow()
  }
  const scan = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (place === 'quoted') {
        if (byte === QUOTE) place = 'after quote'
        else if (byte === LF) {
          line++
          if (dropping) emitLineEnds(1)
        }
        keep(byte)
        continue
      }
      if (byte === LF) {
        if (afterCr) {
          afterCr = false
          continue
        }
        line++
        finishRecord()
        continue
      }
      if (byte === CR) {
        afterCr = true
        line++
        finishRecord()
        continue
      }
      afterCr = false
      if (byte === delimiter) place = 'field start'
      else if (byte === QUOTE && (place === 'field start' || place === 'after quote')) place = 'quoted'
      else place = 'plain'
      keep(byte)
    }
  }
  const flush = (): Uint8Array => {
    const ready = Buffer.from(out.subarray(0, written))
    written = 0
    return ready
  }
  return {
    push: (bytes) => {
      scan(bytes)
      return flush()
    },
    end: () => {
      while (place === 'quoted' && !dropping) {
        if (record.subarray(0, length).includes(LF)) reread('A quote is opened and never closed')
        else {
          broken.push({ line: startLine, problem: 'A quote is opened and never closed' })
          dropping = true
        }
      }
      if (length > 0 || dropping) finishRecord()
      return flush()
    },
    records: () => records,
    takeBroken: () => {
      const taken = broken
      broken = []
      return taken
    },
  }
}

const sizeText = (bytes: number): string => (bytes >= 1024 * 1024 ? `${bytes / 1024 / 1024} MiB` : `${bytes} bytes`)
