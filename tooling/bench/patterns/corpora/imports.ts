import { kind } from './kind.ts'

/** What goes wrong while data is taken in. */
export const imports = [
  kind(
    'CSV import',
    {
      column: ['amount', 'currency', 'booking_date', 'iban', 'name', 'country', 'vat_rate', 'email'],
      quoted: ['"amount"', '"currency"', '"booking date"', '"iban"', '"name"'],
      value: (random) =>
        random.pick([
          `"${random.letters(5)}"`,
          `"${random.int(1, 999)}"`,
          '""',
          `"${random.letters(3)} ${random.letters(4)}"`,
        ]),
      amount: (random) =>
        random.pick([
          `${random.int(1, 999)},${random.digits(2)}`,
          `${random.int(1, 999)}.${random.digits(2)}`,
          `-${random.int(1, 9)},${random.digits(3)}.${random.digits(2)}`,
          String(random.int(1, 9999)),
        ]),
      badDate: (random) =>
        random.pick([
          `${random.int(29, 32)}.02.20${random.digits(2)}`,
          `20${random.digits(2)}-13-${random.digits(2)}`,
          `${random.int(10, 12)}/${random.int(10, 31)}/20${random.digits(2)}`,
        ]),
    },
    `
    200 Invalid amount <amount> in column <quoted>
    150 Row <int>: missing value for column <column>
    120 Row <int>: value <value> of column <quoted> is not a number
    100 Line <int>: expected <int> fields, got <int>
    80 Invalid date <badDate> in column <quoted>
    60 Duplicate key <int> in rows <int> and <int>
    50 Unknown country code <value>
    40 Unclosed quote starting at line <int>, column <int>
    30 Row <int>: column <column> is too long (<int> characters, at most <int>)
    20 Header has no column <quoted>
    10 Delimiter ';' found, expected ','
    4 File is empty
    4 File has no header
    2 Byte order mark ignored
    `,
  ),
  kind(
    'JSON and API import',
    {
      pointer: (random) =>
        `/items/${random.int(0, 999)}/${random.pick(['price', 'name', 'sku', 'stock/level', 'tags/0'])}`,
      key: ["'price'", "'name'", "'sku'", "'tags'"],
      path: (random) => `/api/v1/orders/${random.digits(6)}`,
    },
    `
    150 Unexpected token } in JSON at position <int>
    60 Unexpected end of JSON input
    120 <pointer>: must be number
    100 <pointer>: must be string
    100 <pointer>: must NOT have fewer than <n> characters
    80 Missing required property <key>
    60 GET <path> failed with status 404
    60 GET <path> failed with status 500
    60 POST <path> failed with status 500
    40 Request to https://api.example.com<path> timed out after <ms>
    30 {"level":"error","msg":"order rejected","order":<int>,"reason":"stock"}
    30 {"level":"error","msg":"order rejected","order":<int>,"reason":"price"}
    30 {"level":"warn","msg":"order delayed","order":<int>,"by":"<int>s"}
    20 level=error msg="upload failed" file=in-<int>.json attempt=<n>
    20 level=info msg="upload retried" file=in-<int>.json attempt=<n>
    8 Rate limit reached, retry in <int> seconds
    `,
  ),
  kind(
    'database constraints',
    {
      key: (random) =>
        `(${random.pick(['id', 'order_id', 'sku', 'email'])})=(${random.pick([random.digits(5), random.letters(6), `${random.letters(4)}@example.com`])})`,
      table: ['"orders"', '"customers"', '"order_items"'],
      fk: ['"orders_customer_fk"', '"items_order_fk"'],
      entry: (random) => `'${random.letters(4)}-${random.digits(4)}'`,
      col: ['`price`', '`name`', '`qty`'],
    },
    `
    150 duplicate key value violates unique constraint <fk>\\nDETAIL:  Key <key> already exists.
    120 insert or update on table <table> violates foreign key constraint <fk>\\nDETAIL:  Key <key> is not present in table <table>.
    100 null value in column <table> of relation <table> violates not-null constraint
    90 new row for relation <table> violates check constraint <fk>
    80 Duplicate entry <entry> for key 'orders.PRIMARY'
    70 Data too long for column <entry> at row <int>
    60 Out of range value for column <entry> at row <int>
    60 Incorrect decimal value: <entry> for column <col> at row <int>
    40 ORA-00001: unique constraint (SHOP.ORDERS_PK) violated
    40 ORA-01400: cannot insert NULL into ("SHOP"."ORDERS"."PRICE")
    30 ORA-12899: value too large for column "SHOP"."ORDERS"."NAME" (actual: <int>, maximum: <int>)
    20 deadlock detected\\nDETAIL:  Process <int> waits for ShareLock on transaction <int>; blocked by process <int>.
    10 could not serialize access due to concurrent update
    6 Lock wait timeout exceeded; try restarting transaction
    4 SQLSTATE[08006] [7] could not connect to server: Connection refused
    `,
  ),
  kind(
    'stack traces',
    { id: (random) => random.digits(6), line: (random) => String(random.int(10, 900)) },
    `
    100 java.lang.IllegalStateException: order <id> is closed\\n\\tat com.example.Order.add(Order.java:<line>)\\n\\tat com.example.Import.run(Import.java:<line>)\\n\\tat java.base/java.lang.Thread.run(Thread.java:833)
    80 java.lang.IllegalStateException: order <id> is closed\\n\\tat com.example.Order.remove(Order.java:<line>)\\n\\tat com.example.Import.run(Import.java:<line>)\\n\\tat java.base/java.lang.Thread.run(Thread.java:833)
    80 java.lang.NullPointerException\\n\\tat com.example.Row.parse(Row.java:<line>)\\n\\tat com.example.Import.read(Import.java:<line>)\\n\\t... <n> more
    60 Traceback (most recent call last):\\n  File "/srv/app/load.py", line <line>, in main\\n    load(row)\\n  File "/srv/app/rows.py", line <line>, in load\\n    total = int(row[<n>])\\nValueError: invalid literal for int() with base 10: 'x<id>'
    60 Traceback (most recent call last):\\n  File "/srv/app/load.py", line <line>, in main\\n    load(row)\\n  File "/srv/app/dates.py", line <line>, in load\\n    total = int(row[<n>])\\nValueError: invalid literal for int() with base 10: 'x<id>'
    60 TypeError: Cannot read properties of undefined (reading 'price')\\n    at parseRow (/app/src/rows.js:<line>:<n>)\\n    at async main (/app/src/main.js:<line>:<n>)
    40 TypeError: Cannot read properties of undefined (reading 'price')\\n    at parseHead (/app/src/rows.js:<line>:<n>)\\n    at async main (/app/src/main.js:<line>:<n>)
    30 panic: runtime error: index out of range [<n>] with length <n>\\n\\ngoroutine <int> [running]:\\nmain.parse(0x<id>)\\n\\t/src/main.go:<line> +0x1d
    `,
  ),
]
