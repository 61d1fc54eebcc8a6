import { describe, expect, it } from 'vitest'
import type { ProgressRecord } from '../answer/answer-schema.ts'
import { csvLine, ndjsonRow, recordCsvHeader, recordCsvRow } from './csv.ts'

const record: ProgressRecord = {
  id: 'f1',
  clientKrn: 'krn:acme:client:1',
  filename: '=cmd()',
  email: '@ada',
  counts: { done: 1, warn: 2, failed: 3 },
  total: null,
  isCompleted: true,
  outcome: 'failed',
  reason: 'broken "here",\r\nand there',
  createdAt: '2026-01-15T12:00:00.000Z',
  updatedAt: '2026-01-15T12:00:01.000Z',
  completedAt: '2026-01-15T12:00:01.000Z',
  errors: [],
  warnings: [],
  issueCounts: { errors: 4, warnings: 5 },
  version: 6,
  rate: 0.5,
  eta: null,
  status: 'failed',
}

describe('CSV', () => {
  it('has a column for each name in its header', () => {
    expect(recordCsvHeader()).toBe(
      'id,clientKrn,filename,email,status,done,warn,failed,total,isCompleted,outcome,reason,createdAt,updatedAt,completedAt,errors,warnings,version,rate,eta\r\n',
    )
    expect(recordCsvRow(record)).toBe(
      'f1,krn:acme:client:1,\'=cmd(),\'@ada,failed,1,2,3,,true,failed,"broken ""here"",\r\nand there",2026-01-15T12:00:00.000Z,2026-01-15T12:00:01.000Z,2026-01-15T12:00:01.000Z,4,5,6,0.5,\r\n',
    )
  })

  it.each(['=', '+', '-', '@', '\t', '\r'])('does not let a spreadsheet run a text that begins with %j', (start) => {
    expect(csvLine([`${start}1`]).replaceAll('"', '')).toBe(`'${start}1\r\n`)
  })

  it('leaves numbers and other texts as they are', () => {
    expect(csvLine([-1, 0, true, null, "a-b=c'd", ' x', ''])).toBe("-1,0,true,,a-b=c'd, x,\r\n")
  })
})

it('NDJSON has a record in each line', () => {
  const row = ndjsonRow(record)
  expect(row.indexOf('\n')).toBe(row.length - 1)
  expect(JSON.parse(row)).toEqual(record)
})
