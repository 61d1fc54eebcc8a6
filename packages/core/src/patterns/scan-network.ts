import { classOf, codeAt, DIGIT, isDigit, isSpace, isWordCharacter, LETTER } from './character-classes.ts'
import { IP, URL } from './kinds.ts'

/** An IPv4 address with its port or mask, if any; its end, or -1. */
export const scanIpv4 = (text: string, start: number): number => {
  let at = start
  for (let part = 0; part < 4; part += 1) {
    const end = digitsEnd(text, at, 3)
    if (end === at) return -1
    at = end
    if (part < 3) {
      if (codeAt(text, at) !== 46) return -1
      at += 1
    }
  }
  const code = codeAt(text, at)
  if (code === 58 || code === 47) {
    const end = digitsEnd(text, at + 1, 5)
    if (end > at + 1 && !isWordCharacter(codeAt(text, end))) return end
  }
  if (isWordCharacter(code) || ((code === 46 || code === 45) && isWordCharacter(codeAt(text, at + 1)))) return -1
  return at
}

const digitsEnd = (text: string, start: number, most: number): number => {
  let at = start
  while (at - start < most && isDigit(codeAt(text, at))) at += 1
  return at
}

/** Colon-separated hexadecimal: IPv6 and hardware addresses. End and kind packed as by the other scanners, 0 if none. */
export const scanColonHex = (text: string, start: number): number => {
  let at = start
  let groups = 0
  let longest = 0
  let double = false
  while (groups <= MOST_GROUPS) {
    const from = at
    // An IPv4 address may close it: `::ffff:10.0.0.1`.
    const mapped = double && groups > 0 ? scanIpv4(text, at) : -1
    if (mapped > 0) return mapped * 32 + IP
    while (at - from < 5 && isHex(codeAt(text, at))) at += 1
    if (at - from > 4) return 0
    if (at > from) groups += 1
    longest = Math.max(longest, at - from)
    if (codeAt(text, at) !== 58) break
    if (codeAt(text, at + 1) === 58) {
      if (double) return 0
      double = true
      at += 2
      if (!isHex(codeAt(text, at))) break
    } else if (isHex(codeAt(text, at + 1))) at += 1
    else break
  }
  if (groups === 0 || groups > MOST_GROUPS || isWordCharacter(codeAt(text, at))) return 0
  const hardware = !double && groups >= 6 && longest === 2
  if (!hardware && !(double && groups >= 1 && (groups > 1 || longest > 1 || at - start === 3)) && groups !== 8) return 0
  if (codeAt(text, at) === 37) {
    at += 1
    while (isWordCharacter(codeAt(text, at))) at += 1
  } else if (codeAt(text, at) === 47 && isDigit(codeAt(text, at + 1))) at = digitsEnd(text, at + 1, 3)
  return at * 32 + (hardware ? HARDWARE : IP)
}

/** The longest addresses of hardware have 20. */
const MOST_GROUPS = 24

/** Hardware addresses are shown as {ID}. */
const HARDWARE = 7

export const isHex = (code: number): boolean =>
  isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70)

/** The end of a URL whose scheme ends at `colon`, or 0. */
export const scanUrl = (text: string, colon: number): number => {
  if (codeAt(text, colon + 1) !== 47 || codeAt(text, colon + 2) !== 47) return 0
  let at = colon + 3
  for (;;) {
    const code = codeAt(text, at)
    if (code < 32 || isSpace(code) || ENDS_URL.has(code)) break
    at += 1
  }
  while (TRAILING.has(codeAt(text, at - 1)) && at > colon + 3) at -= 1
  return at * 32 + URL
}

const codes = (characters: string): ReadonlySet<number> =>
  new Set([...characters].map((character) => character.charCodeAt(0)))
const ENDS_URL = codes('"<>\'`()[]{}|^,;')
const TRAILING = codes('.:!?')

const TOP_LEVEL = new Set(
  'com net org edu gov mil int info biz io dev app cloud local localdomain internal intranet lan home corp arpa ac at au be br ca ch cn co cz de dk es eu fi fr gr hk hu ie il in it jp kr lu mx nl no nz pl pt ro ru se sg sk th tr tw ua uk us za'.split(
    ' ',
  ),
)
const PACKAGE_ROOTS = new Set(
  'com org net edu gov io java javax jakarta sun scala kotlin system microsoft android'.split(' '),
)

/** Whether a dotted run is the name of a host: a top-level domain at the end, and not the reversed form of packages. */
export const isHostName = (text: string, start: number, end: number, lastDot: number, anyCountry: boolean): boolean => {
  const firstDot = text.indexOf('.', start)
  const country = end - lastDot === 3 && firstDot < lastDot
  if (!(country && anyCountry) && !TOP_LEVEL.has(text.slice(lastDot + 1, end).toLowerCase())) return false
  return firstDot === lastDot || !PACKAGE_ROOTS.has(text.slice(start, firstDot).toLowerCase())
}

/** `:8080` behind a host: the end of the port, else `end`. */
export const portEnd = (text: string, end: number): number => {
  if (codeAt(text, end) !== 58) return end
  const port = digitsEnd(text, end + 1, 5)
  const next = codeAt(text, port)
  if (port < end + 3 || (classOf(next) & (LETTER | DIGIT)) !== 0) return end
  return port
}
