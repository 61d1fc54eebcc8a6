import { kind, mostly } from './kind.ts'

/** Put aside last, after the repairs that the other sets led to. */
export const heldOutLater = [
  kind(
    'ledger of queues',
    {
      topic: mostly(0.7, ['clicks'], ['orders.v2', 'audit-log', '__cursor', 'mail_out']),
      part: (random) => `${random.pick(['clicks', 'clicks', 'orders.v2', 'audit-log'])}-${random.int(0, 31)}`,
      cls: (random) =>
        `io.example.ledger.${random.pick(['Reader', 'Writer', 'Mover'])}$${random.pick(['Loop', 'Task'])}@${random.hex(8)}`,
      ids: (random) => Array.from({ length: random.int(1, 5) }, () => String(random.int(1, 9))).join(','),
      group: mostly(0.6, ['billing'], ['search-feed', 'fraud', 'etl_night', 'crm']),
      st: ['Stable', 'Empty', 'Joining', 'Dead'],
      sz: (random) =>
        `${random.int(1, 900)}${random.chance(0.6) ? `.${random.int(0, 9)}` : ''} ${random.pick(['KB', 'MB'])}`,
    },
    `
    2500 [Part <part>] Grew confirmed set from [<ids>] to [<ids>]
    2300 [Part <part>] Shrank confirmed set from [<ids>] to [<ids>]. Leader: (highMark: <int>, end: <int>).
    1800 Rolled new segment at offset <big> in <int> ms.
    1500 Removed segment [base=<big>, size=<int>] of <part> as it is older than <int>h
    1000 [Group <group>] member consumer-<int>-<uuid> left, reason: timeout
    800 [Group <group>] now has <n> members (generation <int>)
    700 Worker <cls> idle for <int> ms
    500 Read <int> records (<sz>) of <topic>
    400 Slow write to <topic>: <decimal>ms > <int>ms
    200 Connection to node <n> (/<addr>) could not be made. Node may be away.
    200 Throttling client <word>_<int> by <int> ms
    100 [Group <group>] state <st> -> <st>
    60 Lost <n> records of <topic> due to retention
    40 Cursor commit failed for group <group>: rebalance under way
    20 Cannot read <int> bytes at <hex>: java.io.EOFException
    10 Controller moved to node <n>
    4 Recovering <int> logs
    2 Quota rules: {read=<int>, write=<int>}
    1 Started
    1 Awaiting socket on 0.0.0.0:<port>
    `,
  ),
  kind(
    'tablet',
    {
      pkg: mostly(0.6, ['org.example.shell'], ['org.example.mail', 'org.example.draw.pro', 'com.shop.app']),
      win: (random) =>
        `Window{${random.hex(7)} u0 ${random.pick(['StatusBar', 'NavBar', 'Keyguard', 'org.example.mail/.Main'])}}`,
      ptr: (random) => `0x${random.hex(random.int(6, 10))}`,
      on: ['true', 'false'],
      size: (random) => `${random.pick([800, 1280, 2560])}x${random.pick([600, 800, 1600])}`,
      key: ['BACK', 'HOME', 'VOLUME_UP', 'VOLUME_DOWN', 'POWER'],
      rot: ['ROTATION_0', 'ROTATION_90', 'ROTATION_270'],
    },
    `
    2000 layout <win>: w=<int> h=<int> vis=<on> alpha=<decimal>
    1500 vsync late by <int>us (frame <int>)
    1500 Acquired lock <ptr> by uid <int> for <pkg>
    1400 Released lock <ptr> by uid <int> after <int>ms
    900 job #u0a<int>/<int> of <pkg> finished: ok=<on>
    700 touch x=<decimal> y=<decimal> p=<n>
    500 cpu<n>: <int> kHz -> <int> kHz
    400 gc freed <int>(<int>KB) objects, <int>% free, <int>KB/<int>KB, paused <int>us total <decimal>ms
    300 key <key> down repeat=<n>
    300 key <key> up
    200 Process <int>:<pkg>/1000 died
    150 surface resized to <size>
    100 <rot> wanted by <pkg>
    80 wifi: rssi=-<int> link=<int>Mbps freq=<int>
    60 Low memory: <int> cached
    40 fd leak? <int> open
    20 unplugged at <int>%
    20 plugged at <int>%
    6 doze on
    6 doze off
    1 boot took <decimal> s
    `,
  ),
  kind(
    'mail relay',
    {
      qid: (random) => random.hex(11).toUpperCase(),
      host: (random) =>
        `${random.letters(5)}.${random.letters(6)}.example.org[${random.int(20, 220)}.${random.int(1, 254)}.${random.int(1, 254)}.9]:25`,
      list: ['zen.example.org', 'bl.example.net'],
      score: (random) =>
        `${random.chance(0.4) ? '-' : ''}${random.int(0, 15)}.${random.int(0, 9)}/${random.int(5, 8)}.0`,
      tests: (random) =>
        Array.from({ length: random.int(1, 6) }, () =>
          random.pick(['HTML_MSG', 'SPF_OK', 'DKIM_OK', 'BAYES_50', 'URI_BAD']),
        ).join(','),
    },
    `
    2500 <qid>: client=<host>
    2400 <qid>: message-id=<<mail>>
    2400 <qid>: from=<<mail>>, size=<int>, nrcpt=<n> (queue active)
    2000 <qid>: to=<<mail>>, relay=<host>, delay=<decimal>, delays=<decimal>/<n>/<decimal>/<n>, dsn=2.0.0, status=sent (250 ok)
    300 <qid>: to=<<mail>>, relay=none, delay=<int>, delays=<int>/<n>/<n>/<n>, dsn=4.4.1, status=deferred (no answer)
    2000 <qid>: removed
    900 connect from <host>
    900 disconnect from <host> ehlo=<n> mail=<n> rcpt=<n> quit=<n> commands=<n>
    700 <qid>: spam score <score> tests=<tests>
    300 connect to <host>: Connection timed out
    100 connect to <host>: No route to host
    90 connect to <host>: Connection refused
    200 NOQUEUE: reject: RCPT from <host>: blocked by <list>; from=<<mail>> to=<<mail>> helo=<<word>>
    100 warning: hostname <word>.example.com does not resolve to address <ip>
    60 lost connection after AUTH from <host>
    40 lost connection after EHLO from <host>
    20 statistics: max rate <n>/60s for (smtp:<ip>) at <time>
    4 table hash:/etc/relay/aliases(<n>,lock) has changed -- restarting
    1 daemon started -- version 3.6.4
    `,
  ),
  kind(
    'disk shelves',
    {
      enc: (random) => `enc${random.int(0, 3)}`,
      slot: (random) => `${random.int(0, 3)}.${random.int(0, 23)}`,
      ser: (random) => `${random.letters(2).toUpperCase()}${random.digits(6)}${random.letters(1).toUpperCase()}`,
      pool: mostly(0.7, ['gold'], ['silver', 'bronze']),
      vol: (random) => `vol_${random.letters(4)}_${random.int(1, 30)}`,
      sense: (random) => `${random.int(1, 9)}/${random.hex(2)}h/${random.hex(2)}h`,
      by: mostly(0.9, ['admin'], ['svc', 'monitor']),
    },
    `
    2200 disk <slot> (<ser>): sense <sense>, retried
    1500 disk <slot> (<ser>): timeout after <int> ms
    1200 volume <vol> of pool <pool>: latency <decimal> ms (limit <int> ms)
    900 <enc>: temperature <int> C
    600 scrub of <pool>: <int>% done, <n> errors
    400 snapshot <vol>@<stamp> taken
    390 snapshot <vol>@<stamp> dropped
    300 login of <by> from <ip>
    250 logout of <by>
    120 replication of <vol> to <ip> behind by <int> s
    100 replication of <vol> to <ip> caught up
    60 path <n> to host <word>-<int> failed
    60 path <n> to host <word>-<int> restored
    40 disk <slot> (<ser>): predicted to fail
    20 disk <slot> (<ser>): failed
    20 spare <slot> takes over for <slot>
    10 rebuild of <pool> ends in <int> min
    6 <enc>: fan <n> at <int> rpm is too slow
    4 <enc>: power supply <n> without input
    2 firmware <n>.<n>.<n>P<n> staged
    1 clock set by ntp (<decimal> s)
    `,
  ),
  kind(
    'tunnel gateway',
    {
      user: mostly(0.4, ['jsmith'], ['m.rossi', 'akumar', 'root', 'office', 'lea', 'guest']),
      grp: mostly(0.7, ['STAFF'], ['PARTNER', 'IT', 'GUESTS']),
      dur: (random) => `${random.int(0, 9)}h:${random.int(0, 59)}m:${random.int(0, 59)}s`,
      cipher: ['AES256-GCM-SHA384', 'AES128-SHA', 'CHACHA20-POLY1305'],
    },
    `
    1800 Group = <grp>, Username = <user>, IP = <ip>, Session connected. Session Type: TLS
    1700 Group = <grp>, Username = <user>, IP = <ip>, Session disconnected. Duration: <dur>, Bytes out: <int>, Bytes in: <int>, Reason: User
    900 Built outbound TCP connection <int> for outside:<ip>/<port> (<ip>/<port>) to inside:<ip>/<port> (<ip>/<port>)
    900 Teardown TCP connection <int> for outside:<ip>/<port> to inside:<ip>/<port> duration <time> bytes <int>
    400 Built inbound UDP connection <int> for outside:<ip>/<port> (<ip>/<port>) to inside:<ip>/<port> (<ip>/<port>)
    600 Deny tcp src outside:<ip>/<port> dst inside:<ip>/<n> by access-group "edge" [<hex>, 0x0]
    300 User <user> asked for address, got <ip>
    250 Handshake with <ip>/<port> done, cipher <cipher>
    200 Handshake with <ip>/<port> failed: no shared cipher
    150 Login refused: reason = Invalid password : server = <ip> : user = <user>
    60 Login refused: reason = Account locked : server = <ip> : user = <user>
    40 Pool exhausted for group <grp>
    10 Failover: peer is <n> packets behind
    2 Licence has <n> of <int> seats left
    `,
  ),
  kind(
    'price list load',
    {
      sup: ['Berg & Tal KG', 'Lumen', 'Wood Brothers Ltd', 'Ital Casa Srl', 'Nordlys'],
      art: (random) => `${random.digits(3)}.${random.digits(3)}.${random.digits(2)}`,
      fld: ['net_price', 'unit', 'ean', 'min_qty', 'valid_from', 'discount'],
      unit: ['PCE', 'KG', 'M', 'SET', 'BOX', 'PAL', 'LTR'],
      txt: (random) => random.pick(['12,5', '1.250,00', 'auf Anfrage', '--', '', 'EUR 3', '12.5.2024', 'x']),
      file: (random) => `prices_${random.digits(8)}.csv`,
    },
    `
    2000 <file>:<int>: field <fld> has value '<txt>', number wanted
    1200 <file>:<int>: article <art> unknown to supplier <sup>
    900 <file>:<int>: unit <unit> cannot be converted to <unit>
    800 <file>:<int>: <fld> missing
    500 <file>:<int>: price rises by <decimal>% from <decimal> to <decimal>
    400 <file>:<int>: price falls by <decimal>% from <decimal> to <decimal>
    300 <file>:<int>: valid from <date> is after valid to <date>
    200 <file>:<int>: duplicate of line <int>
    100 <file>:<int>: too few fields (<n> of <int>)
    60 supplier <sup> sent no list since <date>
    20 <file>: <int> of <int> lines loaded (<int> skipped)
    4 <file>: empty
    1 <file>: byte order mark in line <int>
    `,
  ),
  kind(
    'object feed',
    {
      at: (random) => `data[${random.int(0, 900)}].${random.pick(['name', 'price.amount', 'tags[0]', 'owner.mail'])}`,
      exp: ['string', 'number', 'array', 'boolean', 'date-time'],
      got: (random) => random.pick(['null', '12', '"abc"', 'true', '[]', '"two words"', '-3.5', '{}']),
      ent: ['Customer', 'Order', 'OrderLine', 'PriceList', 'Stock'],
      code: ['E1001', 'E1002', 'E2040', 'E3007'],
      sku: (random) => `${random.letters(3).toUpperCase()}${random.digits(4)}`,
      names: (random) =>
        Array.from({ length: random.int(1, 4) }, () => random.pick(['red', 'blue', 'XL', 'cotton', 'eco'])).join(', '),
    },
    `
    1800 <at>: expected <exp> but got <got>
    1400 <at>: required but missing
    900 <ent> <uuid>: sku <sku> is not unique
    700 <ent> #<int>: reference to <ent> #<int> cannot be resolved
    500 <ent> <uuid> was changed meanwhile (version <n>, expected <n>)
    400 <code> <at>: longer than <int>
    300 <sku>: options [<names>] do not fit the type
    200 429 from https://api.example.com/v<n>/<word>, waiting <n>s (try <n>/<n>)
    150 500 from https://api.example.com/v<n>/<word>, giving up
    100 page <int>/<int>: <int> objects in <decimal>s
    60 unexpected character '<word>' at <int>:<int>
    20 signature of hook <uuid> does not match
    5 token expires at <iso>
    1 feed has no objects
    `,
  ),
  kind(
    'grid of batch nodes',
    {
      node: (random) => `gn${String(random.int(1, 512)).padStart(4, '0')}`,
      user: mostly(0.7, ['hpcadm'], ['bauer', 'x_lin', 'demo', 'phys07']),
      mod: ['openmpi/4.1.2', 'gcc/12.3', 'cuda/12.0', 'python/3.11'],
      err: (random) => `0x${random.hex(16)}`,
      cards: (random) => `GPU-${random.hex(8)}-${random.hex(4)}`,
      ok: ['ok', 'ok', 'bad'],
      sig: ['9', '11', '15'],
    },
    `
    2600 <node> machine check: bank <n> status <err> addr <err>
    1500 <node> ib0: symbol errors <int> (limit <int>)
    1200 <node> job <int>.<n> of <user> starts, <int> tasks
    1150 <node> job <int>.<n> of <user> ends, rc=<n>
    600 <node> <cards>: Xid <int>, pid=<int>, name=<word>
    500 <node> mount of /scratch<n> took <int> s
    300 <node> task <int> got signal <sig>
    200 <node> modules: loaded <mod>
    150 <node> fan<n> <int> rpm
    100 <node> down
    90 <node> up
    60 <node> oom: killed <int> (<word>), rss <int>kB
    40 <node> lost contact since <ctime>
    30 <node> health: disk <ok>, net <ok>, mem <ok>
    4 switch s<n>/p<int> flapping
    1 controller takes over from ctl<n>
    `,
  ),
]
