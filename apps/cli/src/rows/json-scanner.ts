import { type BrokenRow, ROW_BYTES_MAX } from './source-row.ts'

/** The text of one element, not parsed yet. */
export interface JsonText {
  readonly line: number
  readonly text: string
}

/** Cuts JSON bytes into the elements of a top-level array, or into lines, without holding more than one of them. */
export interface JsonScanner {
  readonly push: (bytes: Uint8Array) => readonly (JsonText | BrokenRow)[]
  readonly end: () => readonly (JsonText | BrokenRow)[]
}

const LF = 0x0a
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN = new Set([0x5b, 0x7b])
const CLOSE = new Set([0x5d, 0x7d])
const isSpace = (byte: number): boolean => byte === 0x20 || byte === LF || byte === 0x0d || byte === 0x09

const tooLong = (line: number): BrokenRow => ({ line, problem: 'The row is longer than 1 MiB' })

/** One element a line; empty lines are passed over. */
export const createLineScanner = (maxBytes = ROW_BYTES_MAX): JsonScanner => {
  const held = createHeld(maxBytes)
  let line = 1
  const take = (): readonly (JsonText | BrokenRow)[] => {
    const text = held.take()
    if (text === null) return [tooLong(line)]
    return text.trim() === '' ? [] : [{ line, text }]
  }
  return {
    push: (bytes) => {
      const found: (JsonText | BrokenRow)[] = []
      for (let from = 0; from < bytes.length; ) {
        const at = bytes.indexOf(LF, from)
        held.add(bytes.subarray(from, at === -1 ? bytes.length : at))
        if (at === -1) break
        found.push(...take())
        line++
        from = at + 1
      }
      return found
    },
    end: take,
  }
}

/** The elements of one array. What is cut off, or stands behind the array, is a broken row. */
export const createArrayScanner = (maxBytes = ROW_BYTES_MAX): JsonScanner => {
  const held = createHeld(maxBytes)
  let depth = 0
  let inString = false
  let escaped = false
  let inElement = false
  let ended = false
  let trailing = false
  let line = 1
  let startLine = 1
  const take = (): JsonText | BrokenRow => {
    const text = held.take()
    inElement = false
    return text === null ? tooLong(startLine) : { line: startLine, text }
  }
  /** Whether the byte is the last of its element, or the first behind it. */
  const step = (byte: number): 'goes on' | 'ends with it' | 'ended before it' => {
    if (inString) {
      if (escaped) escaped = false
      else if (byte === BACKSLASH) escaped = true
      else if (byte === QUOTE) inString = false
      return 'goes on'
    }
    if (depth === 1 && (byte === COMMA || CLOSE.has(byte))) return 'ended before it'
    if (byte === QUOTE) inString = true
    else if (OPEN.has(byte)) depth++
    else if (CLOSE.has(byte)) {
      depth--
      if (depth === 1) return 'ends with it'
    }
    return 'goes on'
  }
  return {
    push: (bytes) => {
      const found: (JsonText | BrokenRow)[] = []
      let from = 0
      for (let at = 0; at < bytes.length; at++) {
        const byte = bytes[at] as number
        if (byte === LF) line++
        if (!inElement) {
          if (isSpace(byte) || byte === COMMA) continue
          if (ended) {
            if (!trailing) found.push({ line, problem: 'Something stands behind the end of the array' })
            trailing = true
            continue
          }
          if (depth === 0) {
            depth = 1
            continue
          }
          if (CLOSE.has(byte)) {
            ended = true
            continue
          }
          inElement = true
          startLine = line
          from = at
        }
        const went = step(byte)
        if (went === 'goes on') continue
        held.add(bytes.subarray(from, went === 'ends with it' ? at + 1 : at))
        found.push(take())
        if (went === 'ended before it' && CLOSE.has(byte)) ended = true
      }
      if (inElement) held.add(bytes.subarray(from))
      return found
    },
    end: () => {
      if (inElement) held.take()
      return ended ? [] : [{ line: inElement ? startLine : line, problem: 'The file ends within the array' }]
    },
  }
}

/** The bytes of an element that came in pieces; none of them once it is too long. */
const createHeld = (maxBytes: number) => {
  let pieces: Uint8Array[] = []
  let length = 0
  return {
    add: (bytes: Uint8Array): void => {
      length += bytes.length
      if (length > maxBytes) pieces = []
      else if (bytes.length > 0) pieces.push(Uint8Array.from(bytes))
    },
    /** Null when it was too long. */
    take: (): string | null => {
      const text = length > maxBytes ? null : Buffer.concat(pieces).toString('utf8')
      pieces = []
      length = 0
      return text
    },
  }
}
