import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskMessage } from './mask-message.ts'
import { createPatternTable, type PatternTable } from './pattern-table.ts'
import { patternText, patternValues } from './template.ts'

const tableOf = (messages: readonly string[]): PatternTable => {
  const table = createPatternTable()
  for (const message of messages) table.add(maskMessage(message))
  return table
}

const textsOf = (messages: readonly string[]): string[] =>
  tableOf(messages)
    .rows()
    .filter((row) => row.into === undefined)
    .map((row) => `${row.count} ${patternText(row.template)}`)

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi']

describe('grouping', () => {
  it('joins what differs in values', () => {
    expect(
      textsOf(['Invalid amount 12,50 in column "price"', 'Invalid amount 3,10 in column "total"', 'File is empty']),
    ).toEqual(['2 Invalid amount {AMOUNT} in column {QUOTED}', '1 File is empty'])
  })

  it.each([
    [['VM Started (Event)', 'VM Stopped (Event)', 'VM Paused (Event)', 'VM Resumed (Event)']],
    [['GET /a/b failed with status 404', 'GET /a/c failed with status 500', 'POST /a/b failed with status 500']],
    [['exited with code 1 in worker 12', 'exited with code 137 in worker 12']],
    [['session opened for user root by (uid=0)', 'session opened for user news by (uid=0)']],
    [['java.io.IOException: closed by peer here', 'java.io.EOFException: closed by peer here']],
    [['switched the light on in room 1', 'switched the light off in room 1']],
    [['Task 1 moved from NEW to WAITING', 'Task 1 moved from WAITING to RUNNING', 'Task 1 moved from RUNNING to DONE']],
  ])('keeps states and verbs apart: %j', (messages) => {
    expect(textsOf([...messages, ...messages])).toHaveLength(messages.length)
  })

  it('takes names for values once there are many of them', () => {
    const message = (name: string): string => `door opened for guest ${name} by (uid=0)`
    expect(textsOf(NAMES.slice(0, 3).map(message))).toHaveLength(3)
    expect(textsOf(NAMES.map(message))).toEqual([`8 door opened for guest {VARIABLE} by (uid={NUMBER})`])
  })

  it.each([
    // Behind a noun that names follow, and behind a preposition, two are enough.
    [['login of bob from 10.0.0.1', 'login of erin from 10.0.0.1'], 'login of {VARIABLE} from {IP}'],
    [
      ['ticket 1 left for gate A', 'ticket 2 left for gate B', 'ticket 2 left for gate D'],
      'ticket {NUMBER} left for gate {VARIABLE}',
    ],
    [
      ['pool tank is degraded since 5 ms', 'pool rpool is degraded since 5 ms'],
      'pool {VARIABLE} is degraded since {DURATION}',
    ],
    [
      ['level 5 (min), busy (now), 7 (max)', 'level 6 (min), odd (now), 7 (max)'],
      'level {NUMBER} (min), {VARIABLE} (now), {NUMBER} (max)',
    ],
    [
      ['at=5, plug=usb, left=7, ms=1', 'at=5, plug=ac, left=7, ms=1'],
      'at={NUMBER}, plug={VARIABLE}, left={NUMBER}, ms={NUMBER}',
    ],
    [
      ['Cannot open it [R = 0x80004005 - E_FAIL]', 'Cannot open it [R = 0x0 - S_OK]'],
      'Cannot open it [R = {ID} - {VARIABLE}]',
    ],
    [
      ['session 1_2 opened by SPX.', 'session 1_3 opened by TrustedSetup.', 'session 1_4 opened by Mender.'],
      'session {ID} opened by {VARIABLE}.',
    ],
    [
      ['[east] barrier up again', '[roof] barrier up again', '[rear] barrier up again'],
      '[{VARIABLE}] barrier up again',
    ],
    [
      ['file /x: expected string, got array', 'file /y: expected date, got number'],
      'file {PATH}: expected {VARIABLE}, got {VARIABLE}',
    ],
    [
      ['Browser[12] wakes this machine', 'Calendar[13] wakes this machine', 'Chess[14] wakes this machine'],
      '{VARIABLE}[{NUMBER}] wakes this machine',
    ],
    [
      [
        'batch 12 came from Smith Ltd today',
        'batch 13 came from ACME GmbH today',
        'batch 14 came from Nordwind AG today',
      ],
      'batch {NUMBER} came from {VARIABLE} {VARIABLE} today',
    ],
    [['Unknown packing format: lzw', 'Unknown packing format: squash'], 'Unknown packing format: {VARIABLE}'],
    [['the age must be a number: str', 'the age must be a number: list'], 'the age must be a number: {VARIABLE}'],
    [['the age is no number, got amber', 'the age is no number, got jade'], 'the age is no number, got {VARIABLE}'],
    [
      [
        'Weak packing (lzw) is refused here',
        'Weak packing (squash) is refused here',
        'Weak packing (rar) is refused here',
      ],
      'Weak packing ({VARIABLE}) is refused here',
    ],
    [
      [
        'price must be longer than it is',
        'amount must be longer than it is',
        'colour must be longer than it is',
        'weight must be longer than it is',
      ],
      '{VARIABLE} must be longer than it is',
    ],
    [
      ['cannot convert string into field 5', 'cannot convert number into field 6'],
      'cannot convert {VARIABLE} into field {NUMBER}',
    ],
    [['row 5: dc:title has no value', 'row 6: xs:date has no value'], 'row {NUMBER}: {VARIABLE} has no value'],
    [['flush true to store, 5 rows', 'flush false to store, 6 rows'], 'flush {VARIABLE} to store, {NUMBER} rows'],
    [['open <ns:Amount> here', 'open <cbc:ID> here'], 'open <{VARIABLE}> here'],
    [
      ['MOA', 'LIN', 'NAD', 'DTM', 'QTY', 'RFF'].map((code) => `element 3 of ${code} is too long here`),
      'element {NUMBER} of {VARIABLE} is too long here',
    ],
  ])('knows values by where they stand: %j', (messages, text) => {
    expect(textsOf(messages)).toEqual([`${messages.length} ${text}`])
  })

  it.each([
    [['user unknown at door 5', 'user locked at door 5', 'user gone at door 5']],
    [['at=5, state=OPEN, left=7, ms=1', 'at=5, state=CLOSED, left=7, ms=1']],
    [['try 5 went from FRESH to HOMELESS', 'try 5 went from HOMELESS to HOUSED']],
    [['Failed to restore the signal mask', 'Failed to unescape the signal mask', 'Failed to juggle the signal mask']],
    [['Node 5 is now: NodeReady', 'Node 5 is now: NodeNotReady']],
    [['Cannot open the gate, reason: rust', 'Cannot open the gate, reason: ice']],
    [['level:warn it is so', 'level:odd it is so']],
    [['read(5) gave nothing at all', 'close(5) gave nothing at all', 'write(5) gave nothing at all']],
    [['[error] cannot open it', '[warn] cannot open it']],
    [['thing 5 is odd (access denied)', 'thing 5 is odd (file missing)']],
  ])('but what says that something happened stays apart: %j', (messages) => {
    expect(textsOf(messages)).toHaveLength(messages.length)
  })

  it('takes what looks like a value for one at once', () => {
    expect(textsOf(['Interface eth0 is up', 'Interface eth1 is up'])).toEqual(['2 Interface {ID} is up'])
    expect(textsOf(['Interface eth0 is up', 'Interface eth0 is up'])).toEqual(['2 Interface eth0 is up'])
    expect(textsOf(['Reading file in.csv took long', 'Reading file orders took long'])).toHaveLength(1)
  })

  it.each([
    [['web admin', 'Wood & Sons'], 10],
    [['invalid user erin', 'nobody closed', 'the last one'], 8],
  ])('knows a value of several words by those of one, before or after: %j', (more, count) => {
    const message = (name: string): string => `door opened for guest ${name} by (uid=0)`
    const lines = [...NAMES, ...more].map(message)
    const wanted = `${count} door opened for guest {VARIABLE} by (uid={NUMBER})`
    expect(textsOf(lines)).toContain(wanted)
    expect(textsOf(lines.toReversed())).toContain(wanted)
  })

  it.each([
    [['user=bob,mail from port 12', 'user= from port 13'], 1],
    [['user=7 left by port 12', 'user= left by port 13', 'user=[] left by port 14'], 1],
    [['a.exe - left, open for 5 ms now', 'b.exe *64 - left, open for under 5 ms now'], 1],
    [['a.exe - opened in 5 ms now', 'b.exe *64 - opened in 5 ms now'], 1],
    [['linked from 10.0.0.1 (a.example.org) today', 'linked from 10.0.0.1 () today'], 2],
    [['left after 5 ms for good', 'left after 5 ms as told for good'], 2],
  ])('knows a value that is missing, or has more without words: %j', (lines, count) => {
    expect(textsOf(lines)).toHaveLength(count)
    expect(textsOf(lines.toReversed())).toHaveLength(count)
  })

  it('a value where another message has a word of grammar is a pattern of its own', () => {
    const lines = ['the reader of this table wants to know them all', 'the reader of this table wants 12 know them all']
    expect(textsOf(lines)).toHaveLength(2)
    expect(textsOf(lines.toReversed())).toHaveLength(2)
  })

  it('tells stack traces apart by their frames', () => {
    const trace = (method: string, line: number): string =>
      `Error: no\n    at ${method} (/app/x.js:${line}:1)\n    at main (/app/y.js:${line}:2)`
    expect(
      textsOf([trace('a', 1), trace('b', 1), trace('a', 2), trace('c', 3), trace('d', 3), trace('e', 1)]),
    ).toHaveLength(5)
  })

  it('lets the younger of two lead to the older, lines and all', () => {
    const table = createPatternTable()
    const numbers = NAMES.map((name) => table.add(maskMessage(`guest ${name} has no role in tenant 7`)))
    expect(new Set(numbers).size).toBeGreaterThan(1)
    expect(new Set(numbers.map(table.resolve))).toEqual(new Set([1]))
    const changes = table.takeChanges()
    expect(changes[0]).toMatchObject({ no: 1, count: NAMES.length })
    expect(changes.slice(1).every((row) => row.into === 1 && row.count === 0)).toBe(true)
    expect(table.takeChanges()).toEqual([])
    for (const name of NAMES)
      expect(patternValues(table.row(1)?.template ?? '', `guest ${name} has no role in tenant 7`)).toEqual([name, '7'])
  })

  it('says where a message would go, and changes nothing', () => {
    const table = createPatternTable()
    const odd = maskMessage('odd thing 12')
    expect(table.match(odd)).toBe(1)
    expect(table.rows()).toEqual([])
    expect(table.add(odd)).toBe(1)
    expect(table.match(maskMessage('odd thing 13'))).toBe(1)
    expect(table.match(maskMessage('another thing'))).toBe(2)
    table.takeChanges()
    expect(table.match(odd)).toBe(1)
    expect(table.takeChanges()).toEqual([])
    expect(table.row(1)).toMatchObject({ no: 1, count: 1 })
    expect(table.row(2)).toBeUndefined()
  })
})

/** Messages as programs write them: words of a small stock, so that patterns meet, and values of every look. */
const WORDS = [
  'user',
  'file',
  'failed',
  'opened',
  'row',
  'for',
  'in',
  'alice',
  'bob',
  'carol',
  'dave',
  'erin',
  'x_1',
  'eth0',
  'eth1',
  'a.b',
  'NEW',
  '{NUMBER}',
  '{',
  '^',
  '`',
  '``^',
]
const VALUES = [
  '12',
  '-3.5',
  '"q"',
  "'q'",
  'a@b.example',
  '/x/y',
  'in.csv',
  '10.0.0.1:80',
  '5 ms',
  '2024-01-31 10:20:30',
  'key=value',
  'a,b',
  '(12)',
  '1, 2, 3',
  'blk_123456789',
  '\n\tat a.b(C.java:1)',
  '漢字12',
  '😀',
  '  7',
]
const message = fc
  .array(fc.oneof(fc.constantFrom(...WORDS), fc.constantFrom(...VALUES), fc.string({ unit: 'binary', maxLength: 6 })), {
    maxLength: 9,
  })
  .map((parts) => parts.join(' '))
const anyMessage = fc.oneof(message, fc.string({ unit: 'binary', maxLength: 80 }), fc.constantFrom(...VALUES))
const messages = fc.array(anyMessage, { maxLength: 120 })
const RUNS = { numRuns: 150 }

const PLACEHOLDER =
  /\{(?:NUMBER|AMOUNT|PERCENT|EMAIL|PATH|FILENAME|QUOTED|DURATION|DATE|ID|IP|HOST|URL|VARIABLE|REST|OTHER)\}/g

const filled = (template: string, values: readonly string[]): string => {
  const left = [...values]
  const text = patternText(template).replaceAll(PLACEHOLDER, () => left.shift() ?? '')
  expect(left).toEqual([])
  return text
}

describe('properties', () => {
  it('no message is lost or counted twice, whatever merges', () => {
    fc.assert(
      fc.property(messages, (all) => {
        const table = createPatternTable()
        const numbers = all.map((one) => table.add(maskMessage(one)))
        const counts = new Map<number, number>()
        for (const no of numbers.map(table.resolve)) counts.set(no, (counts.get(no) ?? 0) + 1)
        for (const { no, count, into } of table.rows()) {
          expect(count).toBe(into === undefined ? counts.get(no) : 0)
          if (into !== undefined) expect(into).toBeLessThan(no)
        }
      }),
      RUNS,
    )
  })

  it('a pattern filled with its values is the message again', () => {
    fc.assert(
      fc.property(messages, (all) => {
        const table = createPatternTable()
        const numbers = all.map((one) => table.add(maskMessage(one)))
        for (const [at, no] of numbers.entries()) {
          const { template } = table.row(table.resolve(no)) ?? { template: '' }
          expect(filled(template, patternValues(template, all[at] as string))).toBe(all[at])
          expect(patternText(template).length).toBeLessThanOrEqual(512)
        }
      }),
      RUNS,
    )
  })

  it('a table made again from its rows goes on the same way', () => {
    fc.assert(
      fc.property(messages, fc.array(fc.boolean(), { maxLength: 120 }), (all, again) => {
        const kept = createPatternTable()
        let renewed = createPatternTable()
        for (const [at, one] of all.entries()) {
          const masked = maskMessage(one)
          expect(renewed.match(masked)).toBe(kept.match(masked))
          expect(renewed.add(masked)).toBe(kept.add(masked))
          if (again[at]) renewed = createPatternTable(JSON.parse(JSON.stringify(renewed.rows())))
        }
        expect(renewed.rows()).toEqual(kept.rows())
      }),
      RUNS,
    )
  })

  it('the changes taken add up to the rows', () => {
    fc.assert(
      fc.property(messages, fc.nat(10), (all, every) => {
        const table = createPatternTable()
        const stored = new Map<number, unknown>()
        const store = (): void => {
          for (const row of table.takeChanges()) stored.set(row.no, row)
        }
        for (const [at, one] of all.entries()) {
          table.add(maskMessage(one))
          if (at % (every + 1) === 0) store()
        }
        store()
        expect([...stored.values()]).toEqual(expect.arrayContaining([...table.rows()]))
        expect(stored.size).toBe(table.rows().length)
      }),
      RUNS,
    )
  })

  it('order changes no group of names, states and values', () => {
    const lines = ['opened', 'closed'].flatMap((verb) =>
      NAMES.flatMap((name) => [
        `file ${name} ${verb} by user 12 now`,
        `row 12 ${verb} after 5 ms`,
        `port eth${name.length} ${verb} up`,
        ...NAMES.map((other) => `${name} ${verb} the door of ${other}`),
      ]),
    )
    const groups = (all: readonly string[]): unknown => textsOf(all).sort()
    fc.assert(
      fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), (mixed) => {
        expect(groups(mixed)).toEqual(groups(lines))
      }),
      { numRuns: 60 },
    )
  })
})
