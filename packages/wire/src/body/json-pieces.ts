/** Where a long JSON text can be cut: between the elements of an array that is a value of the outermost object. */
export interface LongArray {
  readonly key: string
  /** From the array's first byte to behind the comma of its last cut. */
  readonly from: number
  /** Where the commas stand at which it is cut; the last one ends what is cut off. */
  readonly cuts: readonly number[]
}

/** What one look at a text told: its long arrays, or that it nests too deep. */
export type Outline = { readonly tooDeep: true } | { readonly tooDeep: false; readonly arrays: readonly LongArray[] }

/** A piece of so many bytes is parsed in one or two milliseconds. */
const PIECE_BYTES = 65_536
const SLICE_BYTES = 262_144

/** The bytes that give JSON its structure. */
export const BYTE = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  openArray: 0x5b,
  backslash: 0x5c,
  closeArray: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
} as const

/**
 * Looks through a text, yielding every few milliseconds. Brackets within strings do not count; the text need not be
 * valid: every piece, and what is left when the pieces are taken out, is parsed later, and is valid only if the whole is.
 */
export function* outlineJson(bytes: Uint8Array, maxDepth: number): Generator<undefined, Outline, undefined> {
  /** By key, as the last of two equal keys is the one that counts. */
  const arrays = new Map<string, LongArray>()
  let depth = 0
  let sliceEnd = SLICE_BYTES
  let key = { from: 0, to: 0 }
  let isObject = false
  let awaitsKey = false
  let open: { from: number; cuts: number[]; last: number } | null = null
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]
    if (byte === BYTE.quote) {
      const from = index
      index += 1
      while (index < bytes.length && bytes[index] !== BYTE.quote) index += bytes[index] === BYTE.backslash ? 2 : 1
      if (depth === 1 && awaitsKey) key = { from, to: index + 1 }
    } else if (byte === BYTE.openArray || byte === BYTE.openObject) {
      depth += 1
      if (depth > maxDepth) return { tooDeep: true }
      if (depth === 1) {
        isObject = byte === BYTE.openObject
        awaitsKey = isObject
      } else if (depth === 2 && isObject && byte === BYTE.openArray)
        open = { from: index + 1, cuts: [], last: index + 1 }
    } else if (byte === BYTE.closeArray || byte === BYTE.closeObject) {
      if (depth === 2 && open !== null) {
        const name = nameOf(bytes, key)
        // Not one text can be cut whose key is not known: then it is parsed in one go.
        if (name !== null && open.cuts.length > 0) arrays.set(name, { key: name, from: open.from, cuts: open.cuts })
        open = null
      }
      depth -= 1
    } else if (byte === BYTE.comma) {
      if (depth === 1) awaitsKey = isObject
      else if (depth === 2 && open !== null && index - open.last >= PIECE_BYTES) {
        open.cuts.push(index)
        open.last = index + 1
      }
    } else if (byte === BYTE.colon && depth === 1) {
      awaitsKey = false
      const name = nameOf(bytes, key)
      if (name !== null) arrays.delete(name)
    }
    if (index >= sliceEnd) {
      sliceEnd = index + SLICE_BYTES
      yield
    }
  }
  return { tooDeep: false, arrays: [...arrays.values()] }
}

const decoder = new TextDecoder()

const nameOf = (bytes: Uint8Array, { from, to }: { readonly from: number; readonly to: number }): string | null => {
  try {
    return JSON.parse(decoder.decode(bytes.subarray(from, to))) as string
  } catch {
    return null
  }
}
