import { promisify } from 'node:util'
import { gunzip, zstdDecompress } from 'node:zlib'
import kafkajs from 'kafkajs'
import snappy from 'snappyjs'
import { unpackLz4 } from './unpack-lz4.ts'

/** A batch that unpacks to more is no batch: a broker takes 1 MiB unless it was told otherwise. */
const MAX_UNPACKED_BYTES = 128 * 1024 * 1024

type Codec = (packed: Buffer) => Promise<Buffer>

const bounded = { maxOutputLength: MAX_UNPACKED_BYTES }
const unzip = promisify(gunzip)
const unpackZstd = promisify(zstdDecompress)

const CODECS: Readonly<Record<'GZIP' | 'Snappy' | 'LZ4' | 'ZSTD', Codec>> = {
  GZIP: (packed) => unzip(packed, bounded),
  ZSTD: (packed) => unpackZstd(packed, bounded),
  Snappy: async (packed) => unpackSnappy(packed),
  LZ4: async (packed) => unpackLz4(packed, MAX_UNPACKED_BYTES),
}

/** One batch of a codec that is not there stops a partition for good, so every codec of Kafka is. */
export const registerCodecs = (): void => {
  for (const [name, decompress] of Object.entries(CODECS))
    kafkajs.CompressionCodecs[kafkajs.CompressionTypes[name as keyof typeof CODECS]] = () => ({
      decompress,
      // What is sent from here, refused messages, is sent as it is.
      compress: async () => Promise.reject(new Error('nothing is compressed here')),
    })
}

const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0])
const XERIAL_HEADER_BYTES = 16

/** Producers in Java frame it in blocks with a header of their own (xerial); all others send it bare. */
const unpackSnappy = (packed: Buffer): Buffer => {
  if (!packed.subarray(0, XERIAL.length).equals(XERIAL))
    return Buffer.from(snappy.uncompress(packed, MAX_UNPACKED_BYTES))
  const blocks: Uint8Array[] = []
  let unpacked = 0
  for (let at = XERIAL_HEADER_BYTES; at + 4 <= packed.length; ) {
    const size = packed.readUInt32BE(at)
    const block = snappy.uncompress(packed.subarray(at + 4, at + 4 + size), MAX_UNPACKED_BYTES - unpacked)
    unpacked += block.length
    blocks.push(block)
    at += 4 + size
  }
  return Buffer.concat(blocks)
}
