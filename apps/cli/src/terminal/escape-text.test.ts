import { describe, expect, it } from 'vitest'
import { escapeText } from './escape-text.ts'

describe('text on a terminal', () => {
  it.each([
    ['\u001b[2Jgone', '\\x1b[2Jgone'],
    ['a\u009b31m', 'a\\x9b31m'],
    ['\u001b]52;c;aGk=\u0007', '\\x1b]52;c;aGk=\\x07'],
    ['a\r\nb\tc', 'a\\r\\nb\\tc'],
    ['invoice\u202efdp.exe', 'invoice\\u202efdp.exe'],
    ['\u2066isolated\u2069', '\\u2066isolated\\u2069'],
    ['a\u2028b', 'a\\u2028b'],
    ['\u200bzero', '\\u200bzero'],
    ['\ud800alone', '\\ud800alone'],
    ['low\udc00', 'low\\udc00'],
    ['tag\u{e0041}', 'tag\\u{e0041}'],
  ])('writes out what could move the cursor or turn the line: %j', (text, shown) => {
    expect(escapeText(text)).toBe(shown)
  })

  it.each(['orders.csv', 'Größe', '売上.csv', '👩‍👩‍👧 family', 'नमस्ते', 'a\\nb', '"quoted"'])(
    'leaves %j as it is',
    (text) => {
      expect(escapeText(text)).toBe(text)
    },
  )

  it('leaves nothing behind that a terminal would obey', () => {
    const all = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code)).join('')
    expect(escapeText(all)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]/)
  })
})
