import { promisify } from 'node:util'
import { gzip, zstdCompress } from 'node:zlib'
import kafkajs from 'kafkajs'
import lz4 from 'lz4js'
import snappy from 'snappyjs'
import { describe, expect, it } from 'vitest'
import { registerCodecs } from './codecs.ts'
import { unpackLz4 } from './unpack-lz4.ts'

const PLENTY = 10_000_000
const texts = ['', 'a', 'pebbles', 'ab'.repeat(40_000), JSON.stringify(Array.from({ length: 20_000 }, (_, n) => n * n))]
const unpack = (type: 'GZIP' | 'Snappy' | 'LZ4' | 'ZSTD', packed: Uint8Array): Promise<Buffer> => {
  registerCodecs()
  const codec = kafkajs.CompressionCodecs[kafkajs.CompressionTypes[type]] as unknown as () => {
    decompress: (packed: Buffer) => Promise<Buffer>
  }
  return codec().decompress(Buffer.from(packed))
}

const PACKERS = {
  GZIP: promisify(gzip),
  ZSTD: promisify(zstdCompress),
  Snappy: async (data: Buffer) => snappy.compress(data),
  LZ4: async (data: Buffer) => lz4.compress(data),
}

describe.for(Object.entries(PACKERS))('%s', ([type, pack]) => {
  it.for(texts)('is read: %#', async (text) => {
    const unpacked = await unpack(type as keyof typeof PACKERS, await pack(Buffer.from(text)))
    expect(unpacked.toString() === text).toBe(true)
  })

  it('is refused when it is broken', async () => {
    await expect(unpack(type as keyof typeof PACKERS, Buffer.from('no such thing'))).rejects.toThrow()
  })
})

it('Snappy in the frame of producers in Java is read', async () => {
  const blocks = ['first ', 'second'].map((text) => snappy.compress(Buffer.from(text)))
  const sized = blocks.flatMap((block) => {
    const size = Buffer.alloc(4)
    size.writeUInt32BE(block.length)
    return [size, block]
  })
  const header = Buffer.from([0x82, ...Buffer.from('SNAPPY'), 0, 0, 0, 0, 1, 0, 0, 0, 1])
  expect((await unpack('Snappy', Buffer.concat([header, ...sized]))).toString()).toBe('first second')
})

describe('a frame of LZ4', () => {
  // Two blocks, the second repeating what the first wrote; with the sum of each block and of all of it.
  const dependent = Buffer.concat([
    Buffer.from([0x04, 0x22, 0x4d, 0x18, 0b0101_0100, 0x40, 0]),
    Buffer.from([0x04, 0, 0, 0x80]),
    Buffer.from('abcd'),
    Buffer.from([1, 2, 3, 4]),
    Buffer.from([0x05, 0, 0, 0, 0x04, 0x04, 0, 0x10]),
    Buffer.from('e'),
    Buffer.from([1, 2, 3, 4]),
    Buffer.from([0, 0, 0, 0, 9, 9, 9, 9]),
  ])

  it('may have sums, and blocks that depend on each other', () => {
    expect(unpackLz4(dependent, PLENTY).toString()).toBe('abcdabcdabcde')
  })

  it('is refused wherever it is cut off, and when it unpacks to too much', () => {
    const end = dependent.length - 8
    for (let length = 0; length < end; length += 1)
      expect(() => unpackLz4(dependent.subarray(0, length), PLENTY), String(length)).toThrow('LZ4')
    expect(() => unpackLz4(dependent, 8)).toThrow('more than 8 bytes')
    expect(() => unpackLz4(Buffer.from(lz4.compress(Buffer.alloc(5_000_000))), 1_000_000)).toThrow('more than')
  })

  it('cannot point before its start', () => {
    const bad = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0, 4, 0, 0, 0, 0x10, 0x61, 9, 0, 0, 0, 0, 0])
    expect(() => unpackLz4(bad, PLENTY)).toThrow('before its start')
  })
})
