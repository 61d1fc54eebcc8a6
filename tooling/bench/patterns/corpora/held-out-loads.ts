import { kind, mostly } from './kind.ts'

const WORDS = [
  'blue',
  'garden',
  'chair',
  'steel',
  'lamp',
  'kids',
  'set',
  'oak',
  'large',
  'mini',
  'outdoor',
  'pump',
  'deluxe',
]

/** Put aside: what goes wrong when files are loaded. Values are what people typed. */
export const heldOutLoads = [
  kind(
    'spreadsheet upload',
    {
      col: mostly(
        0.5,
        ['price'],
        ['name', 'ean', 'stock', 'vat_rate', 'delivery_date', 'parent sku', 'Unit Price (net)'],
      ),
      sku: (random) =>
        `${random.letters(2).toUpperCase()}-${random.digits(4)}${random.chance(0.3) ? `/${random.letters(1).toUpperCase()}` : ''}`,
      title: (random) => Array.from({ length: random.int(1, 5) }, () => random.pick(WORDS)).join(' '),
      cat: ['Garden', 'Home & Living', 'Toys', 'Tools > Hand Tools', 'Lighting', 'Books', 'Office'],
      bad: (random) => random.pick(['n/a', '-', 'abc', '12,5O', '1.299,00 EUR', 'TBD', '', 'call us', '#REF!']),
      sheet: ['Sheet1', 'Sheet1', 'Items', 'Preise 2024'],
      cell: (random) => `${random.pick(['A', 'B', 'C', 'D', 'AA'])}${random.int(2, 900)}`,
    },
    `
    2000 Row <int>: "<bad>" is not a number in column <col>
    1500 Row <int>: column '<col>' is empty
    900 Row <int>: category "<cat>" does not exist
    800 Row <int>: item <sku> (<title>) has no price
    600 Row <int>: item <sku> appears <n> times
    500 <sheet>!<cell>: cannot read '<bad>' as a date, expected dd.mm.yyyy
    300 <sheet>!<cell>: formula not allowed
    300 Row <int>: title "<title>" is longer than <int> characters
    200 Row <int>: price <decimal> is below cost <decimal>
    150 Row <int>: price -<decimal> is negative
    120 Row <int>: parent <sku> not in file
    100 Row <int>: parent <sku> not in file or shop
    80 Row <int> has <int> cells, header has <int>
    60 Item <sku>: image https://cdn.example.com/<word>/<hash>.jpg answers <int>
    40 Unknown column "<title>" ignored
    20 Row <int>: tax rate <n>% not allowed for DE
    8 File is not UTF-8, read as windows-1252
    4 Stopped after <int> errors
    1 Sheet "<sheet>" skipped: hidden
    `,
  ),
  kind(
    'markup feed',
    {
      el: ['product', 'offer', 'g:price', 'image_link', 'ns2:Amount', 'Address', 'LineItem', 'cbc:ID'],
      attr: ['id', 'currency', 'xml:lang', 'unitCode', 'ref'],
      exp: (random) =>
        `{${Array.from({ length: random.int(1, 4) }, () => `"urn:example:feed":${random.pick(['sku', 'name', 'tax', 'qty', 'note'])}`).join(', ')}}`,
      val: (random) => random.pick(['', 'abc', 'true ', 'EURO', '12 kg', '0031', '2024-13-01', 'Nein']),
      type: ['decimal', 'date', 'boolean', 'positiveInteger', 'CurrencyCode'],
      xp: (random) => `/feed/item[${random.int(1, 900)}]/${random.pick(['price', 'ship/zone', 'name', 'a[2]/b'])}`,
    },
    `
    1500 schema 4.1.2: '<val>' is not a valid value for '<type>'.
    1200 schema 5.4.a: Bad content starting with element '<el>'. One of '<exp>' is expected.
    700 schema 5.4.b: The content of element '<el>' is not complete. One of '<exp>' is expected.
    600 schema 7.2: Attribute '<attr>' must appear on element '<el>'.
    600 schema 7.3: Attribute '<attr>' is not allowed to appear in element '<el>'.
    500 line <int>, column <int>: tag <<el>> is closed by </<el>>
    300 line <int>, column <int>: unexpected end of file
    300 <xp>: value "<val>" too short, minLength is <n>
    250 <xp>: missing
    150 <xp>: may appear once, appears <n> times
    90 duplicate key ['<int>'] for key 'itemKey'
    60 keyref 'zoneRef' with value '<int>' not found for identity constraint of element '<el>'
    40 entity '<word>' was referenced but not declared
    20 prefix "<word>" for element "<el>" is not bound
    10 byte <n> of <n>-byte UTF-8 sequence is invalid
    4 document has no root
    1 DTD is not allowed
    `,
  ),
  kind(
    'trade documents',
    {
      seg: ['NAD', 'LIN', 'DTM', 'MOA', 'QTY', 'RFF', 'TAX', 'UNS'],
      msg: mostly(0.6, ['INVOIC'], ['ORDERS', 'DESADV', 'ORDRSP']),
      ref: (random) => `${random.digits(6)}${random.chance(0.2) ? `+${random.digits(2)}` : ''}`,
      gln: (random) => random.digits(13),
      partner: ['ACME GmbH', 'Nordwind AG', 'Dupont & Fils', 'Smith Ltd', 'Rossi S.p.A.', 'Kowalski'],
      ack: ['A', 'A', 'A', 'E', 'R'],
      q: ['BY', 'SU', 'DP', 'IV'],
    },
    `
    1500 <msg> <ref>: segment <seg> at position <int> is not expected
    1200 <msg> <ref>: segment <seg> is missing after position <int>
    900 <msg> <ref>: element <int> of <seg> is longer than <int>
    800 <msg> <ref>: element <int>/<n> of <seg> has bad code '<word>'
    600 partner <gln> (<partner>) not known
    500 partner <gln> (<partner>) has no agreement for <msg>
    400 <msg> <ref>: role <q> appears twice
    300 <msg> <ref>: sum of lines <decimal> is not total <decimal>
    200 interchange <ref> from <partner>: control count <int> expected <int>
    150 interchange <ref> from <partner>: already received on <date>
    100 UNB+UNOC:<n>+<gln>:14+<gln>:14+<int>:<int>+<ref>' cannot be read
    120 997 for group <int>: <ack>
    20 AS2 MIC of <uuid> differs: got <hash>, sent <hash>
    6 ack for <ref> is late by <int> h
    1 character '^' used as release character
    `,
  ),
  kind(
    'validator of documents',
    {
      ptr: (random) =>
        `/${random.pick(['items', 'orders', 'lines'])}/${random.int(0, 400)}/${random.pick(['id', 'qty', 'price/net', 'customer/email', 'tags/0'])}`,
      key: ['sku', 'qty', 'email', 'country', 'createdAt', 'vatId', 'phone_number'],
      t: ['string', 'number', 'integer', 'boolean', 'array', 'object', 'null'],
      path: (random) => `$.items[${random.int(0, 400)}].${random.pick(['sku', 'qty', 'dims.width', 'prices[2].net'])}`,
      enums: (random) =>
        Array.from(
          { length: random.int(2, 5) },
          () => `"${random.pick(['NEW', 'USED', 'OPEN', 'B_STOCK', 'REFURB'])}"`,
        ).join(' | '),
      raw: (random) => random.pick(['""', '"abc"', '-1', 'null', '{"a":1}', '[]', '"12"', 'true', '"New York"']),
    },
    `
    1500 <ptr> must be <t>
    900 <ptr> must have required property '<key>'
    800 <ptr> must NOT have additional properties
    600 <ptr> must match pattern "^[A-Z]{2}\\\\d{4}$"
    600 <ptr> must be >= <n>
    500 <ptr> must match format "email"
    400 <path>: expected <t>, received <t>
    400 <path>: Invalid enum value. Expected <enums>, received "<word>"
    300 <path>: value <raw> rejected by rule <key>
    200 <path>: String must contain at least <n> character(s)
    200 <path>: String must contain at most <int> character(s)
    100 Unexpected token <n> in JSON at position <int>
    90 Unexpected end of JSON input at line <int>
    60 key "<key>" given twice at line <int> column <int>
    40 <n> validation errors for Order
    20 document <uuid> has version <n>.<n>.<n>, expected <n>.x
    10 depth <int> over limit <int>
    2 $schema is missing
    `,
  ),
  kind(
    'database load',
    {
      table: mostly(0.5, ['orders'], ['customer', 'order_line', 'price_list', 'stock', 'address']),
      col: ['customer_id', 'sku', 'qty', 'email', 'country_code', 'valid_from'],
      con: (random) =>
        `${random.pick(['orders', 'customer', 'stock'])}_${random.pick(['sku', 'email', 'id'])}_${random.pick(['key', 'fkey', 'check'])}`,
      v: (random) =>
        random.pick([random.digits(5), random.letters(6), `${random.letters(3)} ${random.letters(5)}`, 'NULL', '']),
      q: (random) => `Q${random.digits(5)}`,
      rowv: (random) =>
        `(${Array.from({ length: random.int(3, 6) }, () => random.pick([random.digits(4), `'${random.letters(5)}'`, 'null', `'${random.letters(3)} ${random.letters(4)}'`])).join(', ')})`,
    },
    `
    1500 dup value breaks unique rule "<con>" Detail: Key (<col>)=(<v>) is there already.
    1200 row for "<table>" breaks foreign rule "<con>" Detail: Key (<col>)=(<v>) is not in table "<table>".
    900 null in column "<col>" of "<table>" breaks not-null rule Detail: Row has <rowv>.
    700 bad input for type integer: "<v>", line <int>, column <col>
    600 value too long for type varchar(<int>)
    400 numeric overflow Detail: A field with precision <n>, scale <n> must round to less than 10^<n>.
    300 DB-1400<n>: cannot put NULL into ("SHOP"."ORDERS"."<col>")
    200 DB-00001: rule (SHOP.<col>) broken
    200 deadlock: process <int> waits for ShareLock on transaction <int>; blocked by process <int>.
    150 lost connection to <addr> during query <q>
    150 batch <int>/<int> of <table> done: <int> rows in <int> ms
    90 batch <int>/<int> of <table> rolled back: <int> rows
    40 relation "<word>" does not exist
    40 column "<word>" of relation "<table>" does not exist
    30 statement timeout after <int>s: INSERT INTO <table> VALUES <rowv>
    10 vacuum of <table>: <int> pages, <decimal> %
    4 could not extend file "base/<int>/<int>": No space left on device
    1 database system is shutting down
    `,
  ),
]
