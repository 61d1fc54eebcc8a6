/** Flags of a character. A word is made of letters, digits and underscores, held together by joiners. */
export const UPPER = 1
export const LOWER = 2
export const DIGIT = 4
/** Underscores, and letters of scripts without the two cases. */
export const OTHER_LETTER = 8
/** Scripts that write without spaces: they end where Latin letters or digits begin. */
export const IDEOGRAPH = 16
export const JOINER = 32
export const SPACE = 64
export const LETTER = UPPER | LOWER | OTHER_LETTER | IDEOGRAPH
export const WORD_CHARACTER = LETTER | DIGIT

const ASCII = new Uint8Array(128)
for (let code = 0; code < 128; code += 1) {
  const character = String.fromCharCode(code)
  if (character >= '0' && character <= '9') ASCII[code] = DIGIT
  else if (character >= 'A' && character <= 'Z') ASCII[code] = UPPER
  else if (character >= 'a' && character <= 'z') ASCII[code] = LOWER
  else if (character === '_') ASCII[code] = OTHER_LETTER
  else if (`-./\\:@+#~$&'%*`.includes(character)) ASCII[code] = JOINER
  else if (' \t\n\r\v\f'.includes(character)) ASCII[code] = SPACE
}

/** What `codeAt` gives before and behind a text. */
export const END = 0

/** The UTF-16 unit at a place, which may lie outside: asking a string itself for that costs many times as much. */
export const codeAt = (text: string, at: number): number => (at >= 0 && at < text.length ? text.charCodeAt(at) : END)

/** The flags of a UTF-16 unit; 0 for what stands between words. */
export const classOf = (code: number): number => (code < 128 ? (ASCII[code] as number) : wideClass(code))

export const isWordCharacter = (code: number): boolean => (classOf(code) & WORD_CHARACTER) !== 0
export const isDigit = (code: number): boolean => code >= 48 && code <= 57
export const isSpace = (code: number): boolean => (classOf(code) & SPACE) !== 0

const wideClass = (code: number): number => {
  if (code < 0xc0) {
    if (code === 0xa0 || code === 0x85) return SPACE
    return code === 0xaa || code === 0xb5 || code === 0xba ? LOWER : 0
  }
  if (code < 0x250) {
    if (code === 0xd7 || code === 0xf7) return 0
    return code < 0xdf ? UPPER : LOWER
  }
  if (code >= 0x2000 && code < 0x2c00) return code <= 0x200a || code === 0x202f ? SPACE : 0
  if (code >= 0x2e80 && code < 0xa000) return code <= 0x303f ? 0 : IDEOGRAPH
  if (code >= 0xff00 && code < 0xff21) return code >= 0xff10 && code <= 0xff19 ? IDEOGRAPH : 0
  return code === 0xfeff ? SPACE : OTHER_LETTER
}
