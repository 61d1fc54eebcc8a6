import { closeSync, existsSync, openSync, readSync } from 'node:fs'

const HEADER_BYTES = 32
const FRAME_HEADER_BYTES = 24

/**
 * What SQLite would drop without a word, or null. It reads a log up to the first frame whose checksum is wrong and takes
 * the rest for a transaction that was not finished. That is right for the last one, torn by a power loss; but every
 * commit is synced before the next begins, so a wrong frame with a further transaction behind it was damaged later, and
 * what follows was acknowledged.
 */
export const findLostCommits = (walPath: string): string | null => {
  const found = scan(walPath)
  // Another process may have been writing that very frame: damage is what is still there at a second look.
  return found !== null && scan(walPath) === found ? found : null
}

const scan = (walPath: string): string | null => {
  if (!existsSync(walPath)) return null
  const file = openSync(walPath, 'r')
  try {
    const header = Buffer.alloc(HEADER_BYTES)
    if (readSync(file, header, 0, HEADER_BYTES, 0) < HEADER_BYTES) return null
    const magic = header.readUInt32BE(0)
    const sum: Sum = { a: 0, b: 0, littleEndian: magic === 0x377f0682 }
    addToSum(sum, header, 0, 24)
    if ((magic | 1) !== 0x377f0683 || !isSumAt(sum, header, 24)) return `the header of ${walPath} is wrong`
    const wrong = findWrongFrame(file, header, sum)
    return wrong === null ? null : `frame ${wrong} of ${walPath} is wrong, and committed changes lie behind it`
  } finally {
    closeSync(file)
  }
}

/** The number of the first wrong frame, if a whole transaction and the begin of another follow it. */
const findWrongFrame = (file: number, header: Buffer, sum: Sum): number | null => {
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + header.readUInt32BE(8))
  let wrong: number | null = null
  let committed = false
  for (let no = 1; ; no += 1) {
    const at = HEADER_BYTES + (no - 1) * frame.length
    if (readSync(file, frame, 0, frame.length, at) < frame.length) return null
    // Behind the end of the log lie frames of its earlier rounds; they carry other salts.
    if (frame.compare(header, 16, 24, 8, 16) !== 0) return null
    if (committed) return wrong
    if (wrong === null) {
      addToSum(sum, frame, 0, 8)
      addToSum(sum, frame, FRAME_HEADER_BYTES, frame.length)
      if (!isSumAt(sum, frame, 16)) wrong = no
    }
    committed = wrong !== null && frame.readUInt32BE(4) !== 0
  }
}

interface Sum {
  a: number
  b: number
  readonly littleEndian: boolean
}

/** SQLite's own checksum: two running sums over pairs of 32-bit words. */
const addToSum = (sum: Sum, bytes: Buffer, from: number, to: number): void => {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let { a, b } = sum
  for (let at = from; at < to; at += 8) {
    a = (a + words.getUint32(at, sum.littleEndian) + b) >>> 0
    b = (b + words.getUint32(at + 4, sum.littleEndian) + a) >>> 0
  }
  sum.a = a
  sum.b = b
}

const isSumAt = (sum: Sum, bytes: Buffer, at: number): boolean =>
  sum.a === bytes.readUInt32BE(at) && sum.b === bytes.readUInt32BE(at + 4)
