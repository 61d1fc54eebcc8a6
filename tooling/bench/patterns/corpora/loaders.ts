import { kind } from './kind.ts'

/** Messages as parsers, loaders and people write them, in the words of their libraries. */
export const loaders = [
  kind(
    'XML and schemas',
    {
      el: ['price', 'quantity', 'customer', 'shipTo', 'orderDate', 'lineItem'],
      ns: ['urn:example:orders', 'urn:example:invoice:v2'],
      bad: (random) => random.pick([random.letters(4), random.digits(3) + random.letters(1), '', '-1']),
    },
    `
    100 cvc-datatype-valid.1.2.1: '<bad>' is not a valid value for 'decimal'.
    100 cvc-type.3.1.3: The value '<bad>' of element '<el>' is not valid.
    80 cvc-complex-type.2.4.a: Invalid content was found starting with element '<el>'. One of '{"<ns>":<el>}' is expected.
    60 cvc-complex-type.4: Attribute 'id' must appear on element '<el>'.
    60 The element type "<el>" must be terminated by the matching end-tag "</<el>>".
    50 Opening and ending tag mismatch: <el> line <int> and <el>, line <int>, column <int>
    40 Document is empty, line 1, column 1
    40 Premature end of data in tag <el> line <int>
    40 Entity 'nbsp' not defined, line <int>, column <int>
    30 Content is not allowed in prolog.
    20 The markup in the document following the root element must be well-formed.
    20 Namespace prefix <word> for <el> on <el> is not defined
    20 Line <int>, position <int>: element <<el>> is not expected here
    `,
  ),
  kind(
    'EDI',
    {
      seg: (random) =>
        random.pick(['NAD', 'LIN', 'DTM', 'QTY', 'PRI', 'MOA', 'RFF', 'TAX', 'PIA', 'IMD', 'ALI', 'LOC']),
      raw: (random) =>
        random.pick([
          `NAD+BY+${random.digits(13)}::9'`,
          `LIN+${random.int(1, 99)}++${random.digits(13)}:EN'`,
          `DTM+137:20${random.digits(6)}:102'`,
          `QTY+21:${random.int(1, 999)}'`,
        ]),
      gln: (random) => random.digits(13),
    },
    `
    120 Segment <seg> at position <int>: mandatory element <int> is missing
    100 Segment <seg> at position <int> is not allowed here
    100 Unknown partner GLN <gln>
    90 Cannot read segment <raw>
    60 Message <int>: control total <int> does not match <int> segments
    60 UNT count <int> differs from actual count <int>
    50 Interchange <big> was received twice
    40 Date <int> does not match format 102
    40 Code <word> is not in list 3035
    30 Missing UNZ at end of interchange
    20 Unexpected UNH before UNT
    20 Character set UNOA does not allow character <hex> at offset <int>
    `,
  ),
  kind(
    'Python loaders',
    {
      col: ['price', 'qty', 'order_id', 'created', 'email', 'zip'],
      val: (random) =>
        random.pick([
          random.letters(5),
          `${random.digits(2)},${random.digits(2)}`,
          'n/a',
          `${random.letters(3)}-${random.digits(2)}`,
        ]),
      badDate: (random) =>
        random.pick([
          `${random.int(30, 39)}.${random.int(10, 12)}.2024`,
          `2024-${random.int(13, 20)}-01`,
          random.letters(6),
        ]),
    },
    `
    100 Error tokenizing data. C error: Expected <int> fields in line <int>, saw <int>
    100 could not convert string to float: '<val>'
    100 invalid literal for int() with base 10: '<val>'
    80 time data '<badDate>' does not match format '%Y-%m-%d'
    80 'utf-8' codec can't decode byte <hex> in position <int>: invalid continuation byte
    60 'utf-8' codec can't decode byte <hex> in position <int>: invalid start byte
    60 'charmap' codec can't encode character '\\u<int>' in position <int>: character maps to <undefined>
    50 KeyError: '<col>'
    50 list index out of range
    40 Columns (<n>,<int>) have mixed types. Specify dtype option on import or set low_memory=False.
    40 DataFrame.dtypes for data must be int, float, bool or category. Did not expect the data types in the following fields: <col>
    30 [Errno 2] No such file or directory: '/data/in/<word>.csv'
    30 [Errno 13] Permission denied: '/data/in/<word>.csv'
    20 Mismatch between array dtype ('<val>') and format specifier ('%<n>f')
    10 out of memory
    `,
  ),
  kind(
    'spreadsheets, in German',
    {
      spalte: ['Betrag', 'Menge', 'Kundennummer', 'Lieferdatum', 'Artikel', 'Steuersatz', 'Währung'],
      blatt: ['Kunden', 'Artikel', 'Preise'],
      wert: (random) => random.pick([`„${random.letters(5)}“`, `„${random.int(1, 999)}“`]),
      betrag: (random) =>
        random.pick([
          `${random.int(1, 9)}.${random.digits(3)},${random.digits(2)} €`,
          `${random.int(1, 99)},${random.digits(2)} €`,
          `${random.int(1, 99)} €`,
        ]),
      zelle: (random) => `${random.pick(['A', 'B', 'C', 'AA'])}${random.int(1, 900)}`,
    },
    `
    120 Zeile <int>: Ungültiger Wert <wert> in Spalte <spalte>
    100 Zeile <int>: Pflichtfeld <spalte> ist leer
    80 Betrag <betrag> weicht von der Summe <betrag> ab
    80 Zelle <zelle>: Datum <date> liegt in der Zukunft
    60 Zelle <zelle>: Formelfehler #REF!
    40 Zelle <zelle>: Formelfehler #DIV/0!
    50 Kunde <int> ist nicht vorhanden
    50 Artikel <wert> wurde mehrfach gefunden
    40 Blatt <wert> fehlt
    30 Die Datei enthält <int> leere Zeilen
    20 Die Datei ist mit einem Kennwort geschützt
    20 Zeile <int> hat <int> Spalten statt <int>
    `,
  ),
  kind(
    'people and addresses',
    {
      first: ['Anna', 'Bob', 'Chen', 'Dilan', 'Eva', 'Farid', 'Grace', 'Hugo', 'Ines', 'Jan'],
      last: ['Meyer', 'Rossi', 'Novak', 'Silva', 'Kaya', 'Smith', 'Dubois', 'Larsen', 'Okafor', 'Tanaka'],
      country: ['Atlantis', 'Narnia', 'Freedonia', 'Sylvania', 'Ruritania', 'Elbonia', 'Wakanda'],
      phone: (random) =>
        random.pick([
          `+49 ${random.digits(3)} ${random.digits(7)}`,
          `0${random.digits(9)}`,
          `(${random.digits(3)}) ${random.digits(3)}-${random.digits(4)}`,
        ]),
      badMail: (random) =>
        random.pick([
          `${random.letters(5)}@`,
          `@${random.letters(5)}.com`,
          random.letters(7),
          `${random.letters(4)}@${random.letters(4)}`,
        ]),
      iban: (random) => `DE${random.digits(2)}${random.digits(18)}`,
    },
    `
    100 Customer <first> <last> already exists with id <int>
    100 Unknown country <country> for customer <int>
    90 Phone number '<phone>' is too short
    80 E-mail address "<badMail>" is not valid
    80 IBAN <iban> has a wrong check digit
    60 Postal code <int> does not belong to <country>
    60 Birth date <date> of <first> <last> is in the future
    50 Customer <int> has no address
    40 Gender '<word>' replaced by 'unknown'
    30 Duplicate of row <int>, skipped
    30 Duplicate of customer <uuid>, merged
    20 Name contains digits: '<first><int>'
    `,
  ),
  kind(
    'webhooks and services',
    {
      event: ['order.created', 'order.paid', 'order.shipped', 'customer.updated', 'refund.created', 'invoice.sent'],
      svc: ['pricing', 'stock', 'tax', 'shipping', 'loyalty', 'search'],
      msg: (random) => `req_${random.hex(12)}`,
    },
    `
    120 Webhook <event> for order <int> was delivered in <int> ms
    90 Webhook <event> for order <int> failed: HTTP 500
    60 Webhook <event> for order <int> failed: HTTP 404
    80 <msg> upstream <svc> timed out after <int>ms (attempt <n> of <n>)
    80 <msg> upstream <svc> returned 503 Service Unavailable
    70 circuit breaker for <svc> is open
    70 circuit breaker for <svc> is closed
    60 GET /api/items/<int> 200 <int>ms
    60 GET /api/items/<int> 404 <int>ms
    40 POST /api/items 201 <int>ms
    40 token of <mail> expired at <iso>
    40 signature mismatch for <event>, key version <n>
    30 retrying <msg> in <int>s
    20 dropping <msg>, too many attempts
    20 {"time":"<iso>","level":"warn","msg":"slow query","ms":<int>,"table":"<word>"}
    20 {"time":"<iso>","level":"error","msg":"query failed","ms":<int>,"table":"<word>"}
    10 config reloaded from /etc/svc/<word>.yaml
    `,
  ),
]
