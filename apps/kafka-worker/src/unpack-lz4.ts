const MAGIC = 0x184d2204
const BLOCK_BYTES: Readonly<Record<number, number>> = { 4: 65_536, 5: 262_144, 6: 1_048_576, 7: 4_194_304 }
/** A match is at least so long. */
const LEAST_MATCH = 4

/**
 * Unpacks one frame of LZ4, by its published format: blocks that depend on earlier ones or not, with or without
 * checksums (which are passed over: Kafka has its own). Throws on what is no such frame, or unpacks to more than
 * `maxBytes`.
 */
export const unpackLz4 = (frame: Buffer, maxBytes: number): Buffer => {
  if (frame.length < 7 || frame.readUInt32LE(0) !== MAGIC) throw broken('it has no frame')
  const flags = frame[4] as number
  if (flags >> 6 !== 1) throw broken('its version is not known')
  const largest = BLOCK_BYTES[((frame[5] as number) >> 4) & 7]
  if (largest === undefined) throw broken('its block size is not known')
  const blockSums = (flags & 0x10) !== 0
  let at = 7 + ((flags & 0x08) === 0 ? 0 : 8) + ((flags & 0x01) === 0 ? 0 : 4)
  const out = createOutput(maxBytes)
  for (;;) {
    if (at + 4 > frame.length) throw broken('it ends early')
    const head = frame.readUInt32LE(at)
    at += 4
    if (head === 0) return out.bytes()
    const size = head & 0x7fff_ffff
    if (at + size > frame.length) throw broken('a block ends early')
    const block = frame.subarray(at, at + size)
    out.reserve(largest)
    if (head >>> 31 === 1) out.copy(block)
    else unpackBlock(block, out)
    at += size + (blockSums ? 4 : 0)
  }
}

const unpackBlock = (block: Buffer, out: Output): void => {
  let at = 0
  const length = (nibble: number): number => {
    let all = nibble
    if (nibble === 15) {
      let more: number | undefined
      do {
        more = block[at++]
        if (more === undefined) throw broken('a length ends early')
        all += more
      } while (more === 255)
    }
    return all
  }
  while (at < block.length) {
    const token = block[at++] as number
    const literals = length(token >> 4)
    if (at + literals > block.length) throw broken('its literals end early')
    out.copy(block.subarray(at, at + literals))
    at += literals
    if (at === block.length) return
    if (at + 2 > block.length) throw broken('a match ends early')
    const distance = block.readUInt16LE(at)
    at += 2
    out.repeat(distance, length(token & 15) + LEAST_MATCH)
  }
}

interface Output {
  readonly reserve: (bytes: number) => void
  readonly copy: (from: Uint8Array) => void
  /** Copies what was written `distance` bytes ago, which may overlap with what it writes. */
  readonly repeat: (distance: number, count: number) => void
  readonly bytes: () => Buffer
}

const createOutput = (maxBytes: number): Output => {
  let buffer = Buffer.allocUnsafe(0)
  let used = 0
  const need = (bytes: number): void => {
    if (bytes > maxBytes) throw broken(`it unpacks to more than ${maxBytes} bytes`)
    if (bytes <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.min(maxBytes, Math.max(bytes, buffer.length * 2)))
    buffer.copy(larger, 0, 0, used)
    buffer = larger
  }
  return {
    reserve: (bytes) => need(Math.min(maxBytes, used + bytes)),
    copy: (from) => {
      need(used + from.length)
      buffer.set(from, used)
      used += from.length
    },
    repeat: (distance, count) => {
      if (distance === 0 || distance > used) throw broken('a match begins before its start')
      need(used + count)
      if (distance >= count) buffer.copyWithin(used, used - distance, used - distance + count)
      else for (let index = used; index < used + count; index += 1) buffer[index] = buffer[index - distance] as number
      used += count
    },
    bytes: () => buffer.subarray(0, used),
  }
}

const broken = (why: string): Error => new Error(`the LZ4 frame is broken: ${why}`)
