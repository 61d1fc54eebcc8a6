import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Md5, Sha256 } from './checksums.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('a checksum as the SDK asks for it', () => {
  it.for(['text', 'bytes', 'a buffer'] as const)('is what Node makes of %s', async (form) => {
    const bytes = new TextEncoder().encode('größer, in 2 parts')
    const data = { text: 'größer, in 2 parts', bytes, 'a buffer': bytes.buffer as ArrayBuffer }[form]
    for (const [Checksum, algorithm] of [[Md5, 'md5'] as const, [Sha256, 'sha256'] as const]) {
      const one = new Checksum()
      one.update(data)
      expect(hex(await one.digest())).toBe(createHash(algorithm).update(bytes).digest('hex'))
      const signed = new Checksum(data)
      signed.update('what is signed')
      expect(hex(await signed.digest())).toBe(createHmac(algorithm, bytes).update('what is signed').digest('hex'))
    }
  })

  it('is of all that was given, and can begin anew', async () => {
    const one = new Sha256()
    for (const part of ['', 'a ', '', 'whole']) one.update(part)
    expect(hex(await one.digest())).toBe(createHash('sha256').update('a whole').digest('hex'))
    one.reset()
    expect(hex(await one.digest())).toBe(createHash('sha256').digest('hex'))
  })
})
