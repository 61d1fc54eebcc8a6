import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'

const NAME = 'development-secret'
const LEAST_BYTES = 32

/**
 * The secret of development mode: drawn at the first start, kept in the data folder for its owner's eyes only, the same
 * at every later start, so that a printed token works on. Two first starters get one secret: the file appears whole, or
 * not at all. Throws what the file system throws, and when the file holds no secret.
 */
export const developmentSecret = (dataDir: string): string => {
  const file = join(dataDir, NAME)
  const kept = read(file)
  if (kept !== null) return kept
  mkdirSync(dataDir, { recursive: true })
  place(file, `${randomBytes(36).toString('base64url')}\n`)
  // Read back: another starter may have been first.
  const secret = read(file)
  if (secret === null) throw new Error(`${file} is gone again: does another program clean up there?`)
  return secret
}

const read = (file: string): string | null => {
  let secret: string
  try {
    secret = readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
  if (Buffer.byteLength(secret) < LEAST_BYTES)
    throw new Error(`${file} holds no secret of ${LEAST_BYTES} bytes: delete it, and a new one is drawn`)
  // A copy or a restored backup may have opened it to others.
  if (process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600)
  return secret
}

const place = (file: string, text: string): void => {
  const draft = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`
  const descriptor = openSync(draft, 'wx', 0o600)
  try {
    writeSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
  try {
    // Not renamed: that would replace the secret of a starter who was faster.
    linkSync(draft, file)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  } finally {
    unlinkSync(draft)
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code
