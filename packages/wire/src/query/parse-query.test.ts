import type { ClientKrn, FileId } from '@pebbles/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { historyCursor, issuesCursor, listCursor, nextQuery } from './cursor.ts'
import {
  type ListQuery,
  parseEventsQuery,
  parseFileQuery,
  parseHistoryQuery,
  parseIssuesQuery,
  parseProgressQuery,
} from './parse-query.ts'
import { parseTime } from './parse-time.ts'
import { decodeSegment } from './read-parameters.ts'

const acme = { client: 'krn:acme:client:1' as ClientKrn }
const other = { client: 'krn:acme:client:2' as ClientKrn }
const list = (raw: string, scope = acme): ListQuery => {
  const parsed = parseProgressQuery(raw, scope)
  if (!parsed.ok) throw new Error(parsed.detail)
  if (parsed.query.kind !== 'list') throw new Error('one file')
  return parsed.query
}
const last = { updatedAt: 1_768_478_400_000, fileId: '65f0c0ffee65f0c0ffee65f0' as FileId }

describe('the query of a list', () => {
  it('has defaults', () => {
    expect(list('')).toMatchObject({ filter: acme, limit: 100, limitGiven: false, after: null })
    expect(list('?'.slice(1)).filter).toEqual(acme)
  })

  it('reads every filter', () => {
    const raw =
      'email=a%2Bb%40example.com&completed=false&status=stalled&q=%C3%84B%25_&updatedSince=2026-01-15T12%3A00%3A00Z&limit=1000'
    expect(list(raw)).toMatchObject({
      filter: {
        ...acme,
        email: 'a+b@example.com',
        completed: false,
        status: 'stalled',
        q: 'äb%_',
        updatedSince: Date.UTC(2026, 0, 15, 12),
      },
      limit: 1000,
      limitGiven: true,
    })
  })

  it('ignores what it does not know', () => {
    expect(list('filename[$gt]=&email[$ne]=x&__proto__=1&%ff=%ff&&=&a&q=').filter).toEqual(acme)
  })

  it.each([
    'limit=0',
    'limit=1001',
    'limit=1e2',
    'limit=',
    'limit=-1',
    'limit=%31%30%30%30%30',
    'completed=yes',
    'completed=TRUE',
    'status=done',
    'status=',
    'email=',
    `q=${'x'.repeat(257)}`,
    'updatedSince=yesterday',
    'updatedSince=2026-02-30T00:00:00Z',
    'email=a&email=a',
    'filename=a&filename=b',
    'file%6eame=a&filename=b',
    'filename=',
    'filename=%ff%fe',
    'filename=%E0%A4%A',
    'filename=%00',
    'q=%',
    'limit=5&limit=5',
  ])('refuses %s', (raw) => {
    expect(parseProgressQuery(raw, acme)).toMatchObject({ ok: false, code: 'INVALID_QUERY', detail: /parameter \w+/ })
  })

  it('is one file when a filename is there', () => {
    expect(parseProgressQuery('filename=a+b%2Bc%2F%C3%A9.csv', acme)).toEqual({
      ok: true,
      query: { kind: 'one', filename: 'a b+c/é.csv' },
    })
  })
})

describe('a cursor', () => {
  it('leads on in the same query, whatever the size of a page', () => {
    const raw = 'q=%E6%97%A5%E6%9C%AC&limit=5&status=running'
    const page = list(raw)
    const next = nextQuery(page.page, listCursor(page.page, last))
    expect(next).toMatch(/^\?q=%E6%97%A5%E6%9C%AC&limit=5&status=running&cursor=[A-Za-z0-9_-]+$/)
    expect(list(next.slice(1))).toMatchObject({ filter: page.filter, limit: 5, after: last })
    expect(list(next.slice(1).replace('limit=5', 'limit=7')).after).toEqual(last)
    const after = list(next.slice(1))
    expect(nextQuery(after.page, 'x').match(/cursor=/g)).toHaveLength(1)
  })

  it('is good for no other query', () => {
    const cursor = listCursor(list('q=a').page, last)
    expect(list(`cursor=${cursor}&q=a`).after).toEqual(last)
    for (const raw of ['', 'q=b', 'q=a&status=running', 'email=a'])
      expect(parseProgressQuery(`${raw}&cursor=${cursor}`, acme)).toMatchObject({ code: 'INVALID_CURSOR' })
    expect(parseProgressQuery(`q=a&cursor=${cursor}`, other)).toMatchObject({ code: 'INVALID_CURSOR' })
    expect(parseIssuesQuery(`filename=a&cursor=${cursor}`, acme)).toMatchObject({ code: 'INVALID_CURSOR' })
  })

  it('is read strictly', () => {
    const { page } = list('')
    const cursor = listCursor(page, last)
    const forged = [
      '',
      'x',
      `${cursor}=`,
      `${cursor}A`,
      cursor.slice(0, -1),
      'x'.repeat(2_000_000),
      btoa('[]'),
      btoa('{}'),
      btoa(`["${page.digest}"]`),
      btoa(`["${page.digest}",1,"a","b"]`),
      btoa(`["${page.digest}","1","a"]`),
      btoa(`["${page.digest}", 1,"a"]`),
      btoa(`["${page.digest}",1,{}]`),
    ]
    for (const text of forged)
      expect(parseProgressQuery(`cursor=${encodeURIComponent(text)}`, acme)).toMatchObject({ code: 'INVALID_CURSOR' })
  })

  it('never lets any text be more than a refusal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.base64String(), (text, base64) => {
        for (const cursor of [encodeURIComponent(text.toWellFormed()), base64.replace(/=+$/, '')])
          expect(parseProgressQuery(`cursor=${cursor}`, acme)).toMatchObject({ ok: false })
      }),
      { seed: 3 },
    )
  })

  it('leads on in issues and history', () => {
    const issues = parseIssuesQuery('filename=a.csv&kind=warning&pattern=w1&limit=2', acme)
    if (!issues.ok) throw new Error(issues.detail)
    expect(issues.query).toMatchObject({ filename: 'a.csv', kind: 'warning', pattern: 'w1', limit: 2, after: null })
    const cursor = issuesCursor(issues.query.page, { version: 3, index: 0 })
    expect(parseIssuesQuery(nextQuery(issues.query.page, cursor).slice(1), acme)).toMatchObject({
      query: { after: { version: 3, index: 0 } },
    })
    const history = parseHistoryQuery('filename=a.csv', acme)
    if (!history.ok) throw new Error(history.detail)
    expect(history.query.after).toBe(0)
    const further = nextQuery(history.query.page, historyCursor(history.query.page, 9)).slice(1)
    expect(parseHistoryQuery(further, acme)).toMatchObject({ query: { after: 9 } })
  })
})

describe('queries of a file', () => {
  it('need one', () => {
    for (const parse of [
      parseFileQuery,
      (raw: string) => parseIssuesQuery(raw, acme),
      (raw: string) => parseHistoryQuery(raw, acme),
    ]) {
      expect(parse('')).toMatchObject({ ok: false, detail: 'The parameter filename is required' })
      expect(parse('filename=a')).toMatchObject({ ok: true, query: { filename: 'a' } })
    }
    expect(parseIssuesQuery('filename=a&kind=errors', acme)).toMatchObject({ code: 'INVALID_QUERY' })
    expect(parseEventsQuery('')).toEqual({ ok: true, query: { filename: null } })
    expect(parseEventsQuery('filename=a')).toEqual({ ok: true, query: { filename: 'a' } })
    expect(parseEventsQuery('filename=%ff')).toMatchObject({ code: 'INVALID_QUERY' })
  })
})

describe('a time', () => {
  it.each([
    ['2026-01-15T12:00:00Z', '2026-01-15T12:00:00.000Z'],
    ['2026-01-15T12:00:00.1Z', '2026-01-15T12:00:00.100Z'],
    ['2026-01-15T12:00:00.123456789Z', '2026-01-15T12:00:00.123Z'],
    ['2026-01-15T12:00:00+02:30', '2026-01-15T09:30:00.000Z'],
    ['2026-01-15T12:00:00-01:00', '2026-01-15T13:00:00.000Z'],
    ['2026-01-15T12:00:00 01:00', '2026-01-15T11:00:00.000Z'],
    ['2024-02-29T23:59:59.999Z', '2024-02-29T23:59:59.999Z'],
  ])('%s is read', (text, iso) => {
    expect(new Date(parseTime(text) ?? Number.NaN).toISOString()).toBe(iso)
  })

  it.each([
    '2026-01-15',
    '2026-01-15T12:00:00',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-15T24:00:00Z',
    '0001-01-01T00:00:00Z',
    '2026-01-15T12:00:00+99:00',
    '1768478400000',
  ])('%s is none', (text) => {
    expect(parseTime(text)).toBeUndefined()
  })
})

it('decodes a segment of a path strictly', () => {
  expect(decodeSegment('krn%3Aacme%3Aclient%3A1')).toBe('krn:acme:client:1')
  expect(decodeSegment('a+b')).toBe('a+b')
  for (const raw of ['%', '%E0%A4%A', '%ff', '\ud800']) expect(decodeSegment(raw)).toBeNull()
})
