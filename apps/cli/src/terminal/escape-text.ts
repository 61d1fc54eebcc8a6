/**
 * Text from elsewhere as a terminal may show it: controls, bidi marks, line separators, invisible spaces and lone
 * surrogates are written out, so that a name can neither move the cursor nor turn what stands beside it.
 */
export const escapeText = (text: string): string => text.replace(UNSAFE, written)

const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu

const written = (character: string): string => {
  const code = character.codePointAt(0) ?? 0
  const short = SHORT[character]
  if (short !== undefined) return short
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\x1b' }
