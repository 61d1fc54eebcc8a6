import { codeAt, isDigit, isSpace, isWordCharacter } from './character-classes.ts'
import { PATH } from './kinds.ts'

/** A path that begins with a slash, `./`, `../`, `.../` or `~/`; end and kind packed, 0 if none. */
export const scanPath = (text: string, start: number): number => {
  let at = start
  while (codeAt(text, at) === 46 && at - start < 3) at += 1
  if (at === start && codeAt(text, at) === 126) at += 1
  if (codeAt(text, at) !== 47) return 0
  const next = codeAt(text, at + 1)
  if (!isWordCharacter(next) && next !== 46 && next !== 126 && next !== 45 && next !== 37 && next !== 64) return 0
  return pathEnd(text, at + 1, start + 2) * 32 + PATH
}

/** `C:\data\in.csv`, `\\server\share`; from behind the drive's letter, or at the two backslashes. */
export const scanWindowsPath = (text: string, at: number): number => {
  const colon = codeAt(text, at) === 58
  const from = colon ? at + 1 : at
  const slash = codeAt(text, from)
  if (slash !== 92 && !(colon && slash === 47)) return 0
  if (!colon && (codeAt(text, from + 1) !== 92 || !isWordCharacter(codeAt(text, from + 2)))) return 0
  return pathEnd(text, from + 1, from + 1) * 32 + PATH
}

/** Where the characters of a path end; closing punctuation belongs to the sentence. */
export const pathEnd = (text: string, start: number, least: number): number => {
  let at = start
  for (;;) {
    const code = codeAt(text, at)
    if (code === 91) {
      const close = indexEnd(text, at)
      if (close === 0) break
      at = close
      continue
    }
    if (code < 32 || isSpace(code) || (code < 128 && ENDS_PATH[code] === 1)) break
    if (code >= 0x2000 && !isWordCharacter(code)) break
    at += 1
  }
  while (at > least && (codeAt(text, at - 1) === 46 || codeAt(text, at - 1) === 58 || codeAt(text, at - 1) === 33))
    at -= 1
  return at
}

/** Behind `[3]` or `[*]`, 0 when that is not what stands there. */
const indexEnd = (text: string, start: number): number => {
  let at = start + 1
  while (isDigit(codeAt(text, at)) || codeAt(text, at) === 42) at += 1
  return at > start + 1 && codeAt(text, at) === 93 ? at + 1 : 0
}

/** `[3].price`, `[0][1].name` behind a word: steps into data. A bare `[3]` is none. */
export const stepsEnd = (text: string, start: number): number => {
  let at = start
  let end = start
  for (;;) {
    const next = indexEnd(text, at)
    if (next === 0) return end
    // Behind a name, an index is a step as well: `items[3].tags[0]`.
    if (end > start && at === end) end = next
    at = next
    if (codeAt(text, at) !== 46 || !isWordCharacter(codeAt(text, at + 1))) continue
    at += 2
    while (isWordCharacter(codeAt(text, at)) || (codeAt(text, at) === 46 && isWordCharacter(codeAt(text, at + 1))))
      at += 1
    end = at
  }
}

const ENDS_PATH = new Uint8Array(128)
for (const character of '"\'`<>|,;()[]{}^') ENDS_PATH[character.charCodeAt(0)] = 1

const EXTENSIONS = new Set(
  'csv tsv txt xml json jsonl ndjson yaml yml xls xlsx xlsm ods edi edifact x12 dat data parquet avro orc pdf doc docx rtf htm html xhtml css js mjs cjs ts tsx jsx java class jar war py pyc rb php pl pm go rs c cc cpp cxx h hpp cs vb swift kt scala sh bash bat cmd ps1 sql db sqlite mdb log out err gz tgz zip bz2 xz zst tar rar 7z bak old tmp temp swp lock pid conf cfg ini cnf properties props env toml pem crt cer key p12 jks asc gpg sig xsd xsl xslt wsdl dtd svg png jpg jpeg gif bmp tif tiff ico mp3 mp4 avi mov wav exe dll so dylib sys msi cab mum manifest sqm inf plist bin img iso rpm deb apk ipa md rst tex eml msg ics vcf ttf woff map proto ejs jsp asp aspx cgi do'.split(
    ' ',
  ),
)

/** Whether a dotted run ends like a file's name. */
export const hasExtension = (text: string, lastDot: number, end: number): boolean =>
  end - lastDot <= 11 && EXTENSIONS.has(text.slice(lastDot + 1, end).toLowerCase())
