import { describe, expect, it } from 'vitest'
import { parseClientKrn } from './client-krn.ts'
import { parseEmail } from './email.ts'
import { foldName, parseFileName } from './file-name.ts'

describe('a client KRN', () => {
  it.each(['krn:acme:client:prod-001', 'krn:clnt:opaque', 'krn:a.b:c~d:e_f:g-h:1', `krn:${'a'.repeat(64)}:b`])(
    'takes %s',
    (text) => {
      expect(parseClientKrn(text)).toBe(text)
    },
  )

  it.each([
    '',
    'krn',
    'krn:a',
    'krn::b',
    'krn:a:',
    'krn:a:b:',
    'KRN:a:b',
    'ｋｒｎ:a:b',
    'krn:а:b',
    'krn:a:b?x',
    'krn:a:b%2F',
    'krn:a:../b',
    ' krn:a:b',
    'krn:a:b\n',
    `krn:${'a'.repeat(65)}:b`,
    `krn:a:${'b:'.repeat(130)}c`,
  ])('refuses %j', (text) => {
    expect(parseClientKrn(text)).toBeUndefined()
  })

  it('is narrowed by the operator, never widened', () => {
    expect(parseClientKrn('krn:acme:client:1', /^krn:acme:/)).toBe('krn:acme:client:1')
    expect(parseClientKrn('krn:globex:client:1', /^krn:acme:/)).toBeUndefined()
    expect(parseClientKrn('anything', /^/)).toBeUndefined()
  })
})

describe('a filename', () => {
  it.each([
    'a',
    ' ',
    '../../etc/passwd',
    '<img onerror=alert(1)>',
    '=cmd()',
    '\u202egnp.csv',
    '\u2028',
    'é',
    'e\u0301',
    '😀'.repeat(256),
    'a'.repeat(1024),
  ])('is kept as it is: %j', (name) => {
    expect(parseFileName(name)).toBe(name)
  })

  it.each([
    '',
    'a\u0000',
    'a\u001f',
    'a\u007f',
    'a\u0085',
    '\ud800',
    'a'.repeat(1025),
    `${'😀'.repeat(256)}a`,
    7,
    null,
    { $gt: '' },
  ])('is refused: %j', (name) => {
    expect(parseFileName(name)).toBeUndefined()
  })

  it('is searched in any case of any script', () => {
    expect(foldName('STRASSE')).toBe(foldName('straße'))
    expect(foldName('ΟΔΟΣ')).toContain(foldName('οδοσ'))
    expect(foldName('ÄB')).toBe('äb')
  })
})

describe('an email', () => {
  it('is any text that is one line, compared as it is', () => {
    expect(parseEmail('Ada@Example.com')).toBe('Ada@Example.com')
    for (const value of ['', 'a\nb', 7, null, undefined, ['a@b'], { email: 'a@b' }, 'a'.repeat(321), '\ud800'])
      expect(parseEmail(value)).toBeUndefined()
  })
})
