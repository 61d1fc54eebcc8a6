import { createHmac, createSecretKey, hash } from 'node:crypto'

/*
 * What the SDK signs requests and proves bodies with, by the calls of Node that do it at once. Its own classes copy each
 * hash before they end it, and hand their keys to `createHmac` as bytes, where Node 24 throws and catches two errors to
 * find out what kind of key it was given: 10 us a request.
 */

type Data = string | ArrayBuffer | ArrayBufferView

/** A checksum of one algorithm as the SDK asks for it; with a secret it is authenticated. */
export interface Checksum {
  readonly update: (data: Data) => void
  readonly digest: () => Promise<Uint8Array>
  readonly reset: () => void
}

const checksums = (algorithm: 'md5' | 'sha256'): (new (secret?: Data) => Checksum) =>
  class {
    readonly #secret: Uint8Array | null
    #data: Uint8Array = NOTHING

    constructor(secret?: Data) {
      this.#secret = secret === undefined ? null : bytesOf(secret)
    }

    update(data: Data): void {
      const more = bytesOf(data)
      this.#data = this.#data === NOTHING ? more : Buffer.concat([this.#data, more])
    }

    async digest(): Promise<Uint8Array> {
      if (this.#secret === null) return hash(algorithm, this.#data, 'buffer')
      return createHmac(algorithm, createSecretKey(this.#secret)).update(this.#data).digest()
    }

    reset(): void {
      this.#data = NOTHING
    }
  }

const NOTHING = new Uint8Array()

const bytesOf = (data: Data): Uint8Array => {
  if (typeof data === 'string') return Buffer.from(data)
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return new Uint8Array(data)
}

export const Md5 = checksums('md5')
export const Sha256 = checksums('sha256')
