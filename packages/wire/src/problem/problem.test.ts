import { REFUSALS, type RefusalCode } from '@pebbles/core'
import { describe, expect, it } from 'vitest'
import { ProblemSchema, problemOf } from './problem.ts'
import { isRefusalCode, PROBLEMS } from './problem-codes.ts'
import { problemIndexPage, problemPage, renderErrorsReference } from './problem-page.ts'

const codes = Object.keys(REFUSALS) as RefusalCode[]

describe('a problem', () => {
  it('has every member that a client may read', () => {
    expect(problemOf('NOT_OWNER', { requestId: 'r1', instance: '/clients/krn:a:b/progress' })).toEqual({
      type: '/errors/NOT_OWNER',
      title: 'Not the owner',
      status: 403,
      detail: "Only the original creator can update this file's progress",
      instance: '/clients/krn:a:b/progress',
      code: 'NOT_OWNER',
      requestId: 'r1',
      error: "Only the original creator can update this file's progress",
    })
  })

  it('keeps the texts of the old version', () => {
    const detail = (code: RefusalCode): string => problemOf(code, { requestId: 'r' }).error
    expect(detail('PROGRESS_COMPLETED')).toBe('This file processing has already been completed')
    expect(detail('PROGRESS_NOT_FOUND')).toBe('Progress not found for this file')
    expect(detail('NO_EMAIL')).toBe('No email found in authentication token')
  })

  it('says more when there is more to say', () => {
    const errors = [{ path: 'total', pointer: '#/total', message: 'must be…' }]
    const facts = { requestId: 'r', typeBase: 'https://p.example', errors, retryAfter: 2, outcome: 'unknown' as const }
    expect(
      problemOf('STORE_UNAVAILABLE', { ...facts, detail: 'away', successor: 'https://p.example/x' }),
    ).toMatchObject({
      type: 'https://p.example/errors/STORE_UNAVAILABLE',
      detail: 'away',
      error: 'away',
      errors,
      retryAfter: 2,
      outcome: 'unknown',
      successor: 'https://p.example/x',
    })
  })

  it('names a hostile path as a URI', () => {
    const instance = (path: string): string => problemOf('NOT_FOUND', { requestId: 'r', instance: path }).instance
    expect(instance('/a%20b/%E0%A4%A')).toBe('/a%20b/%E0%A4%25A')
    expect(instance('/<é"\\>\r\n\ud800')).toBe('/%3C%C3%A9%22%5C%3E%0D%0A%EF%BF%BD')
  })

  it.each(codes)('%s is whole', (code) => {
    const problem = problemOf(code, { requestId: 'r1' })
    expect(ProblemSchema.strict().parse(problem)).toEqual(problem)
    expect(problem.detail).toBe(REFUSALS[code])
  })

  it('has a code for each row and a row for each code', () => {
    expect(Object.keys(PROBLEMS).sort()).toEqual([...codes].sort())
    expect(isRefusalCode('NOT_OWNER')).toBe(true)
    expect(isRefusalCode('toString')).toBe(false)
    expect(isRefusalCode('__proto__')).toBe(false)
  })
})

describe('the page of a code', () => {
  it.each(codes)('%s has nothing that a strict policy forbids', (code) => {
    const html = problemPage(code, { stylesheet: '/assets/page.css' })
    expect(html).toContain(`<code>${code}</code>`)
    expect(html).toContain('<link rel="stylesheet" href="/assets/page.css">')
    expect(html).not.toMatch(/<script|<style|style=|\son\w+=|javascript:|(?:src|href)="https?:/i)
  })

  it('escapes what it is given', () => {
    const html = problemPage('NOT_FOUND', { stylesheet: '"><script>', typeBase: '"><script>' })
    expect(html).not.toContain('<script>')
  })

  it('is led to by the index', () => {
    const html = problemIndexPage({ stylesheet: '/s.css', typeBase: 'https://p.example' })
    for (const code of codes) expect(html).toContain(`href="https://p.example/errors/${code}"`)
  })
})

it('the reference in docs is the one made of the table (vitest -u writes it)', async () => {
  await expect(renderErrorsReference()).toMatchFileSnapshot('../../../../docs/reference/errors.md')
})
