import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import kafkajs from 'kafkajs'
import { expect, it, onTestFinished } from 'vitest'

// Inside the client, where the patch is.
const inside = createRequire(import.meta.url)
const Encoder = inside('kafkajs/src/protocol/encoder.js') as new () => {
  writeBytes: (bytes: Buffer) => { buffer: Buffer }
}
const Decoder = inside('kafkajs/src/protocol/decoder.js') as new (bytes: Buffer) => object
const encodeRecord = inside('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (facts: object) => object
const { RecordBatch } = inside('kafkajs/src/protocol/recordBatch/v0/index.js') as {
  RecordBatch: (facts: object) => Promise<{ buffer: Buffer }>
}
const decodeMessages = inside('kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js') as (
  decoder: object,
) => Promise<readonly Decoded[]>
const filterAborted = inside('kafkajs/src/consumer/filterAbortedMessages.js') as (facts: object) => readonly Decoded[]

interface Decoded {
  readonly offset: string
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, unknown>>
  readonly isControlRecord: boolean
  readonly undecodable?: Error
}

const encodeBatch = async (
  firstOffset: number,
  values: readonly string[],
  { headers = {}, lastOffsetDelta = values.length - 1, compression = kafkajs.CompressionTypes.None } = {},
): Promise<Buffer> => {
  const records = values.map((value, offsetDelta) => encodeRecord({ offsetDelta, value, headers }))
  return (await RecordBatch({ firstOffset, lastOffsetDelta, records, compression })).buffer
}

const varInt = (value: number): number[] => {
  const bytes: number[] = []
  for (let left = value * 2; ; left >>>= 7) {
    if (left < 0x80) return [...bytes, left]
    bytes.push((left & 0x7f) | 0x80)
  }
}

const decoderOf = (batches: readonly Buffer[]): object =>
  new Decoder(new Encoder().writeBytes(Buffer.concat(batches)).buffer)
const decode = (...batches: readonly Buffer[]): Promise<readonly Decoded[]> => decodeMessages(decoderOf(batches))

/** The client's own packs nothing else than what it unpacks. */
const withGzip = (): kafkajs.CompressionTypes => {
  const [codecs, type] = [kafkajs.CompressionCodecs, kafkajs.CompressionTypes.GZIP as const]
  const before = codecs[type]
  onTestFinished(() => {
    codecs[type] = before
  })
  codecs[type] = () => ({
    compress: ({ buffer }: { buffer: Buffer }) => promisify(gzip)(buffer),
    decompress: promisify(gunzip),
  })
  return type
}

const short = ({ offset, value, isControlRecord, undecodable }: Decoded): string =>
  `${offset} ${undecodable === undefined ? (isControlRecord ? 'unseen' : value) : 'undecodable'}`

it('a batch that is broken becomes one record at its end, behind what is whole', async () => {
  const broken = await encodeBatch(7, ['d', 'e', 'f'])
  broken[broken.length - 2] = 0x21
  const found = await decode(await encodeBatch(5, ['b', 'c']), broken, await encodeBatch(10, ['g']))
  expect(found.map(short)).toEqual(['5 b', '6 c', '9 undecodable'])
})

it('a batch that compaction shortened, or emptied, goes on to where it ended', async () => {
  const found = await decode(
    await encodeBatch(5, ['b'], { lastOffsetDelta: 4 }),
    await encodeBatch(10, [], { lastOffsetDelta: 2 }),
  )
  expect(found.map(short)).toEqual(['5 b', '9 unseen', '12 unseen'])
})

it('of what unpacks to very much only the first is decoded, and the rest from where that ended', async () => {
  const type = withGzip()
  const vast = 'x'.repeat(12 * 1024 * 1024)
  const batches = await Promise.all([0, 2, 4, 6, 8].map((at) => encodeBatch(at, ['a', vast], { compression: type })))
  const offsets = async (...some: readonly Buffer[]) => (await decode(...some)).map(({ offset }) => offset).join()
  expect(Buffer.concat(batches).length).toBeLessThan(100_000)
  expect(await offsets(...batches)).toBe('0,1,2,3,4,5')
  expect(await offsets(...batches.slice(3))).toBe('6,7,8,9')
  const [, , third] = batches
  expect(await offsets(await encodeBatch(0, [vast + vast + vast]), third as Buffer)).toBe('0')
})

it('very many records are very much, however small, and all partitions of an answer together', async () => {
  const many = await encodeBatch(0, Array<string>(40_000).fill(''))
  expect(await decode(many, many, many)).toHaveLength(80_000)
  const bytes = new Encoder().writeBytes(many).buffer
  const answer = new Decoder(Buffer.concat([bytes, bytes, bytes]))
  const partitions = [await decodeMessages(answer), await decodeMessages(answer), await decodeMessages(answer)]
  expect(partitions.map(({ length }) => length)).toEqual([40_000, 40_000, 0])
})

it('a batch of more records or headers than memory takes is not decoded, and takes none', async () => {
  const compression = withGzip()
  const empty = encodeRecord({ offsetDelta: 0, value: null, headers: {} })
  const records = await RecordBatch({ firstOffset: 3, records: Array<object>(1_000_000).fill(empty), compression })
  // Of a name of one letter, and no value.
  const start = [0, 0, 0, 1, 1, ...varInt(1_000_000)]
  const headers = Buffer.concat([Buffer.from(start), Buffer.alloc(3_000_000, Buffer.from([2, 0x68, 1]))])
  const record = Buffer.concat([Buffer.from(varInt(headers.length)), headers])
  const one = await RecordBatch({ firstOffset: 3, records: [{ buf: record, buffer: record }], compression })
  for (const { buffer } of [records, one]) {
    expect(buffer.length).toBeLessThan(100_000)
    const before = process.memoryUsage().heapUsed
    expect((await decode(buffer)).map(short)).toEqual(['3 undecodable'])
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(32 * 1024 * 1024)
  }
})

it('headers count for what they are in memory', async () => {
  const headers = { same: Array<string>(100_000).fill('') }
  const batches = await Promise.all([0, 1, 2].map((at) => encodeBatch(at, ['a'], { headers })))
  expect((await decode(...batches)).map(short)).toEqual(['0 a', '1 a'])
})

it('a record may have very many headers, and headers of any name', async () => {
  const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`h${index}`, 'x']))
  const [first, second] = await decode(
    await encodeBatch(0, ['a'], { headers: { ...many, same: Array.from({ length: 50_000 }, () => 'y') } }),
    await encodeBatch(1, ['b'], { headers: { constructor: 'c', ['__proto__']: 'p' } }),
  )
  expect(Object.keys(first?.headers ?? {})).toHaveLength(50_001)
  expect(Object.entries(second?.headers ?? {}).map(([name, value]) => `${name}: ${value}`)).toEqual([
    'constructor: c',
    '__proto__: p',
  ])
})

it('nothing of a transaction that was aborted is seen, whatever its keys and however it lies beside others', () => {
  const record = (offset: number, producerId: string, key: Buffer | null = null, isControlRecord = false) => ({
    ...{ offset: String(offset), key, isControlRecord },
    batchContext: { producerId, inTransaction: true },
  })
  const [abort, zero] = [Buffer.from([0, 0, 0, 0]), Buffer.from([0, 0, 0, 0])]
  const messages = [
    record(4, 'early'),
    record(5, 'long'),
    record(6, 'good'),
    record(7, 'short'),
    record(8, 'short', zero),
    record(9, 'short'),
    record(10, 'short', abort, true),
    record(11, 'long'),
    record(12, 'long', abort, true),
    record(13, 'early', abort, true),
    record(14, 'long'),
  ]
  // By their ends, as brokers list them; two began before what is read here.
  const abortedTransactions = [
    { producerId: 'short', firstOffset: '7' },
    { producerId: 'long', firstOffset: '2' },
    { producerId: 'early', firstOffset: '1' },
  ]
  const seen = filterAborted({ messages, abortedTransactions }).filter(({ isControlRecord }) => !isControlRecord)
  expect(seen.map(({ offset }) => offset)).toEqual(['6', '14'])
})
