import { describe, expect, it } from 'vitest'
import { formOf, maskMessage } from './mask-message.ts'
import { parseTemplate, patternText, patternValues, renderTemplate } from './template.ts'

const templateOf = (message: string): string => renderTemplate(formOf(message))

const textOf = (message: string): string => patternText(templateOf(message))
const valuesOf = (message: string): readonly string[] => patternValues(templateOf(message), message)

describe('placeholders', () => {
  it.each([
    [
      '{NUMBER}',
      ['12', '-5', '+3', '1234567', '3.14159', '6.02e23', '12 KB', '93.0 B', '128KiB', '12 MB/s', '41C', '.5'],
    ],
    [
      '{AMOUNT}',
      ['1,234.50', '1.234,50', '12,50', '€ 12', '$5.00', '12 EUR', 'EUR 12.50', "1'234.00", '1 234,50', '-€5'],
    ],
    ['{PERCENT}', ['12%', '3.5 %', '99 percent', '-1%']],
    ['{DURATION}', ['5 ms', '10 seconds', '1h30m', '2 days, 3 hours', '<1 sec', '250us', '1 minute']],
    [
      '{DATE}',
      [
        '2024-01-31',
        '2024/1/31',
        '31.01.2024',
        '31/01/2024',
        '2024-01-31T10:20:30Z',
        '2024-01-31T10:20:30.123+02:00',
        '2024-01-31 10:20:30,123',
        '2024-01-31 10:20:30 UTC',
        '31/Jan/2024:10:20:30 +0200',
        'Wed, 31 Jan 2024 10:20:30 GMT',
        'Wed Jan 31 10:20:30 2024',
        'Wed Jan 31 10:20:30 CEST 2024',
        'Jan  3 10:20:30',
        'January 3, 2024',
        '3 Jan 2024',
        '31-Jan-2024',
        '1/31/24 3:05 PM',
        '10:20:30',
        '10:20',
        '20240131T102030Z',
        '2024-13-45',
      ],
    ],
    [
      '{ID}',
      [
        '550e8400-e29b-41d4-a716-446655440000',
        '0x7fed806e',
        'd41d8cd98f00b204e9800998ecf8427e',
        'blk_-1608999687919862906',
        'shd.-1608999687919862906',
        '00:11:43:e3:ba:c3',
        'v1.2.3',
        '-3.1/5',
        'R02-M1-N0',
        'NAD+BY+5412345000013::9',
        '00106570',
      ],
    ],
    ['{IP}', ['10.0.0.1', '10.0.0.1:8080', '/10.0.0.1:50010', '10.0.0.0/8', 'fe80::1', '::1', '::ffff:10.0.0.1']],
    [
      '{HOST}',
      ['db.example.com', 'db.example.com:5432', 'localhost:8080', 'node-12:9000', 'a.b.example.de', 'rack/10.0.0.1:80'],
    ],
    ['{URL}', ['https://example.com/a?b=c', 'hdfs://10.0.0.1:9000/x', 'jdbc://db/x']],
    ['{EMAIL}', ['ann@example.com', 'o.b+x@mail.example.com']],
    [
      '{PATH}',
      [
        '/var/log/x.log',
        './a/b',
        '~/x',
        'C:\\data\\in.csv',
        '\\\\server\\share',
        '$.items[3].price',
        'items[3].tags[0]',
        'items[0].name',
        'a/b/c.txt',
      ],
    ],
    ['{FILENAME}', ['in.csv', 'orders-2024.xml', 'Main.java:12']],
    ['{QUOTED}', ['"price"', "'two words'", '“x”', '„x“', '«x»', '`x`', '""', '"say ""hi"""', '\\042x\\042']],
  ])('%s', (name, values) => {
    for (const value of values) {
      const message = `Odd thing ${value} came along`
      expect(textOf(message)).toBe(`Odd thing ${name} came along`)
      expect(valuesOf(message)).toEqual([value])
      expect(textOf(`Odd: ${value}`)).toBe(`Odd: ${name}`)
    }
  })

  it.each([
    ["It can't be the users' files", "It can't be the users' files"],
    ['Input/output error, and/or so', 'Input/output error, and/or so'],
    ['VM Started, VM Stopped', 'VM Started, VM Stopped'],
    ['May 5', 'May {NUMBER}'],
    ['wait... done', 'wait... done'],
    ['C++ and C#', 'C++ and C#'],
    ['ssh2 on eth0', 'ssh2 on eth0'],
    ['java.io.IOException: no', 'java.io.IOException: no'],
    ['{} and {name}', '{} and {name}'],
    ['', ''],
  ])('leaves %j readable', (message, text) => {
    expect(textOf(message)).toBe(text)
  })
})

describe('words that name what happened', () => {
  it.each([
    ['HTTP 404 from upstream', 'HTTP 404 from upstream'],
    ['failed with status 503', 'failed with status 503'],
    ['status code: 403', 'status code: 403'],
    ['exited with code 137', 'exited with code 137'],
    ['exit status 1', 'exit status 1'],
    ['killed by signal 9', 'killed by signal 9'],
    ['"GET /a/b HTTP/1.1" 404 512', '"GET {PATH} HTTP/1.1" 404 {NUMBER}'],
    ['"POST /a" status: 200 len: 17 time: 0.2', '"POST {PATH}" status: {NUMBER} len: {NUMBER} time: {NUMBER}'],
    [
      '"GET /a HTTP/1.1" code: 200 size: 17 secs: 0.2',
      '"GET {PATH} HTTP/1.1" code: {NUMBER} size: {NUMBER} secs: {NUMBER}',
    ],
    ['error code 12', 'error code {NUMBER}'],
    ['level=warn msg="disk full" used=91%', 'level=warn msg="disk full" used={PERCENT}'],
    ['{"level":"error","msg":"no route","to":"x"}', '{"level":"error","msg":"no route","to":{QUOTED}}'],
    ['plugged: yes, lit=off', 'plugged: {VARIABLE}, lit={VARIABLE}'],
    ['state: on, told: no route', 'state: on, told: no route'],
    ['by=App{12 org.example} at=Point(1, 2)', 'by={VARIABLE} at={VARIABLE}'],
    ['event=App{12 org.example} at=(12)', 'event=App{{NUMBER} org.example} at=({NUMBER})'],
    ['size........12, wait...5', 'size{NUMBER}, wait...{NUMBER}'],
    ['boot=true name=com.example.Job ws=null', 'boot={VARIABLE} name={VARIABLE} ws={VARIABLE}'],
  ])('%s', (message, text) => {
    expect(textOf(message)).toBe(text)
  })
})

describe('lists', () => {
  it.each([
    ['delete blk_11111111 blk_-22222222 blk_33333333', 'delete {ID}'],
    ['from 10.0.0.1:80, 10.0.0.2:80', 'from {IP}'],
    ['fans ( 3552 3534 3375 )', 'fans ( {NUMBER} )'],
    ['rows 1, 2, 3 and more', 'rows {NUMBER} and more'],
    ["columns 'a', 'b'", 'columns {QUOTED}'],
    ['nodes node1 node2 node17', 'nodes {ID}'],
    ['took 5 ms, 12 rows', 'took {DURATION}, {NUMBER} rows'],
    ['acls to: etl,yarn', 'acls to: {VARIABLE}'],
    ['1190 bytes (1.16 KB) sent', '{NUMBER} sent'],
    ['size    12', 'size {NUMBER}'],
    ['stack: 0x7f00 0x7f08', 'stack: {ID}'],
    ['[call 12345678 - -] gone', '[call {NUMBER} {VARIABLE} {VARIABLE}] gone'],
    ['10.0.0.1 - - [x]', '{IP} {VARIABLE} {VARIABLE} [x]'],
    ['gate 5 - closed', 'gate {NUMBER} - closed'],
    ['must be one of red, green', 'must be one of {VARIABLE}'],
    ['must be one of red, green, blue; got x', 'must be one of {VARIABLE}; got x'],
    ['one of them, but not all', 'one of them, but not all'],
    ['image sha256:ab12cd34ab12cd34ab12 is here', 'image {ID} is here'],
    ['image sha256:12cdab34ab12cd34ab12 is here', 'image {ID} is here'],
    ['stage2: failed', 'stage2: failed'],
    ['lost n[0-31,40]', 'lost n[{ID}]'],
    ['expected "A" | "B", got "C"', 'expected {QUOTED}, got {QUOTED}'],
    ['for tres=cpu=4,mem=3G now', 'for tres={VARIABLE} now'],
    ['after 5 ms: 12 rows', 'after {DURATION}: {NUMBER} rows'],
  ])('%s', (message, text) => {
    expect(textOf(message)).toBe(text)
  })
})

describe('parentheses', () => {
  it.each([
    ['Key (sku)=(two words) is there', 'Key (sku)=({VARIABLE}) is there', ['two words']],
    ['Key (a, b)=(1, x) is there', 'Key ({VARIABLE})=({VARIABLE}) is there', ['a, b', '1, x']],
    ['Key (sku)=() is there', 'Key (sku)=({VARIABLE}) is there', ['']],
    ["Row has (7, 'x', null, ab c).", 'Row has ({VARIABLE}).', ["7, 'x', null, ab c"]],
    ['item (Oak & Sons) has no price', 'item ({VARIABLE}) has no price', ['Oak & Sons']],
    ['at Card{4f0c1a2 u0 Sheet{7c1b2d3}} now', 'at Card{{ID}} now', ['4f0c1a2 u0 Sheet{7c1b2d3}']],
    ['at Card{name} now', 'at Card{name} now', []],
    ['at (1, 2, 3)', 'at ({NUMBER})', ['1, 2, 3']],
    ['failed (permission denied)', 'failed (permission denied)', []],
    ['failed (not in the list)', 'failed (not in the list)', []],
    ['held (3 retries left, 4 lost)', 'held ({NUMBER} retries left, {NUMBER} lost)', ['3', '4']],
    ["Not allowed ('x' was odd, 'y' was odd)", 'Not allowed ({QUOTED} was odd, {QUOTED} was odd)', ["'x'", "'y'"]],
    ["{'a': 1, 'b': {'c': '}'}} is no number", '{VARIABLE} is no number', ["{'a': 1, 'b': {'c': '}'}}"]],
    ["value={'a': 1}, type=dict", 'value={VARIABLE}, type=dict', ["{'a': 1}"]],
    ['told {"reason":"gone"}', 'told {"reason":"gone"}', []],
    ['expected ( {urn:shop:v1}Price )', 'expected ( {VARIABLE} )', ['{urn:shop:v1}Price']],
    ["call(7, 'x', null)", 'call({NUMBER}, {QUOTED}, null)', ['7', "'x'"]],
  ])('%s', (message, text, values) => {
    expect(textOf(message)).toBe(text)
    expect(valuesOf(message)).toEqual(values)
  })
})

describe('forms', () => {
  it.each([
    '1 row, 2 rows and 3 entries were lost',
    'a {NUMBER} and {name} ^ `x` {{ 12',
    'eth0 is up C++ now',
    `${'Odd word '.repeat(200)}`,
    'x\n\tat com.example.A$1.run(A.java:12)',
  ])('are the same from a message and from their stored text: %j', (message) => {
    const form = formOf(message)
    expect(parseTemplate(renderTemplate(form))).toEqual(form)
  })
})

describe('stack traces', () => {
  it('keep their frames and mask their numbers', () => {
    const trace = 'java.lang.IllegalStateException: 12\n\tat com.example.A$1.run(A.java:12)\n\t... 23 more'
    expect(textOf(trace)).toBe(
      'java.lang.IllegalStateException: {NUMBER}\n\tat com.example.A$1.run(A.java:{NUMBER})\n\t... {NUMBER} more',
    )
  })
})

describe('the bound', () => {
  it('ends a long message in {REST}, at most 512 characters wide', () => {
    const message = 'Odd word '.repeat(200)
    const text = textOf(message)
    expect(text.length).toBeLessThanOrEqual(512)
    expect(text.endsWith('{REST}')).toBe(true)
    expect(text.slice(0, -6) + valuesOf(message).at(-1)).toBe(message)
  })

  it('never cuts a character in two', () => {
    for (const length of [500, 501, 502, 503, 504, 505, 506, 507]) {
      const message = `${'('.repeat(length)}😀😀`
      expect(templateOf(message).isWellFormed()).toBe(true)
      expect(maskMessage(message).masked.isWellFormed()).toBe(true)
    }
  })
})
