import { codeAt, isDigit } from './character-classes.ts'
import { EMAIL, FILENAME, HOST, ID, PATH, WORD } from './kinds.ts'
import type { Run } from './read-run.ts'
import { isHex, isHostName, portEnd, scanIpv4 } from './scan-network.ts'
import { hasExtension } from './scan-path.ts'

/** Longer than any word of a language or a program: a key, a hash, an encoded lump. */
const LONGEST_WORD = 64

/**
 * What a run is that no scanner of numbers or dates took. Kind in the lowest five bits, above them where it ends: a
 * host takes its port along, a file its line.
 */
export const classifyRun = (text: string, start: number, run: Run): number => {
  const { end } = run
  if (isHexNumber(text, start)) return end * 32 + ID
  if (run.ats > 0) return end * 32 + (run.ats === 1 && isAddress(text, start, run) ? EMAIL : ID)
  if (run.pluses > 1) return end * 32 + ID
  if (end - start > LONGEST_WORD) return end * 32 + (run.slashes > 1 || run.backslashes > 1 ? PATH : ID)
  if (run.backslashes > 1 || (run.slashes > 1 && (run.dots > 0 || run.slashes > 2))) return end * 32 + PATH
  if (run.lastColon > 0 && run.lowers > 0 && portEnd(text, run.lastColon) === end) return end * 32 + HOST
  if (run.slashes > 0) {
    if (run.digits > 0 && scanIpv4(text, run.lastSlash + 1) >= end) return portEnd(text, end) * 32 + HOST
    return end * 32 + (run.digits === 0 || isNamedByLetters(run) ? WORD : ID)
  }
  if (run.dots > 0) {
    const named = classifyDotted(text, start, run)
    if (named !== 0) return named
  }
  if (run.digits === 0) return isLongHex(run, end - start) ? end * 32 + ID : classifyWord(text, start, end)
  return isNamedByLetters(run) ? classifyWord(text, start, end) : end * 32 + ID
}

/**
 * Words with a number or two in them (`eth0`, `ssh2`, `part-00012`) stay words: their letters tell more than their
 * numbers, and tables group them by their letters.
 */
const isNamedByLetters = (run: Run): boolean =>
  !run.hex && run.numbers <= 2 && run.longestDigits <= 6 && (run.letters >= 3 || run.digits * 2 <= run.letters)

const isHexNumber = (text: string, start: number): boolean =>
  codeAt(text, start) === 48 && (codeAt(text, start + 1) | 32) === 120 && isHex(codeAt(text, start + 2))

const isLongHex = (run: Run, length: number): boolean => run.hex && length >= 8

const isAddress = (text: string, start: number, run: Run): boolean => run.lastDot > text.indexOf('@', start)

const classifyDotted = (text: string, start: number, run: Run): number => {
  const { end, lastDot } = run
  if (isHostName(text, start, end, lastDot, false)) return portEnd(text, end) * 32 + HOST
  if (hasExtension(text, lastDot, end)) return lineEnd(text, end) * 32 + FILENAME
  if (isHostName(text, start, end, lastDot, true)) return portEnd(text, end) * 32 + HOST
  const port = portEnd(text, end)
  return port > end && run.letters > 0 && run.uppers === 0 ? port * 32 + HOST : 0
}

/** `localhost:8080`, `db-2:5432`: a port makes a host of a plain name only if it looks like one. */
const classifyWord = (text: string, start: number, end: number): number => {
  const port = portEnd(text, end)
  if (port === end) return end * 32 + WORD
  const name = text.slice(start, end)
  return name === 'localhost' || (name.includes('-') && /\d/.test(name)) ? port * 32 + HOST : end * 32 + WORD
}

/** `job.py:12` and `job.js:12:5`. */
const lineEnd = (text: string, end: number): number => {
  let at = end
  for (let part = 0; part < 2; part += 1) {
    if (codeAt(text, at) !== 58 || !isDigit(codeAt(text, at + 1))) return at
    at += 1
    while (isDigit(codeAt(text, at))) at += 1
  }
  return at
}
