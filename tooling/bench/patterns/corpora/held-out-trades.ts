import { kind, mostly } from './kind.ts'

/** Put aside after values of several words were told: six kinds of work, with few busy templates and many rare ones. */
export const heldOutTrades = [
  kind(
    'dome of a telescope',
    {
      obs: mostly(0.8, ['lindqvist'], ['moreau', 'guest', 'van der Meer']),
      star: mostly(0.5, ['Vega'], ['M 31', 'NGC 7009', 'Alpha Lyrae', 'HD 209458', 'moon']),
      axis: ['ra', 'dec'],
      deg: (random) => `${random.pick(['-', '', '+'])}${random.int(0, 89)}.${random.digits(3)}`,
      wind: (random) => (random.chance(0.05) ? '-' : `${random.int(0, 30)}.${random.int(0, 9)}`),
      filt: mostly(0.6, ['clear'], ['red', 'blue', 'h-alpha', 'none']),
      frame: (random) => `/data/night/${random.int(1, 9999)}.fits`,
      opts: (random) => (random.chance(0.3) ? ` (bin ${random.int(1, 4)})` : ''),
    },
    `
    3000 mount: axis <axis> at <deg>, wanted <deg>, error <decimal> arcsec
    2500 weather wind=<wind> gust=<wind> rain=<n> dew=<deg>
    1500 exposure <int> of <int> began, filter <filt>, <int> s<opts>
    1400 exposure <int> done: <frame>, <int> stars, fwhm <decimal>
    700 guide star lost for <int> s while on <star>
    400 slewing to <star> for <obs>
    380 arrived at <star> after <int> s
    250 dome turned from <deg> to <deg>
    200 plan of <obs>: <int> targets, <int> left
    120 focus moved by <int> steps to <int>, temperature <deg>
    90 camera cooler at <int>% for <deg> C
    60 cannot solve plate <frame>: too few stars (<int>)
    40 session opened by <obs> from <ip>
    38 session closed by <obs>
    20 sky quality <decimal> below limit <decimal>, plan paused
    18 sky quality <decimal> above limit <decimal>, plan resumed
    10 shutter opened
    10 shutter closed
    8 shutter did not close within <int> s
    6 motor current of axis <axis> <decimal> A over limit
    4 encoder of axis <axis> skipped <int> counts
    3 power from battery, <int> min left
    2 disk /data is <int>% full
    2 parking mount for <obs>
    1 emergency stop pressed
    1 emergency stop released
    1 clock differs from server by <decimal> s
    1 firmware <n>.<n>.<int> loaded on mount
    `,
  ),
  kind(
    'gates of a car park',
    {
      gate: mostly(0.6, ['north-1'], ['north-2', 'east', 'roof', 'staff']),
      plate: (random) =>
        random.chance(0.1)
          ? ''
          : `${random.letters(2).toUpperCase()}-${random.letters(2).toUpperCase()} ${random.int(1, 9999)}`,
      card: (random) => random.digits(8),
      who: mostly(0.5, ['season'], ['visitor', 'hotel guest', 'staff', 'press']),
      zone: ['A', 'B', 'C'],
      pay: mostly(0.7, ['card'], ['coins', 'phone', 'invoice']),
      why: ['paper jam', 'no paper', 'cover open', 'coin box full'],
    },
    `
    3000 [<gate>] loop <n> occupied
    2900 [<gate>] loop <n> free
    1800 [<gate>] plate="<plate>" conf=<int> read in <int> ms
    1500 [<gate>] ticket <card> for <who> accepted
    900 [<gate>] barrier up
    890 [<gate>] barrier down
    600 payment of <decimal> EUR by <pay> for ticket <card>
    300 free spaces: A=<int> B=<int> C=<int>
    200 [<gate>] ticket <card> refused: unpaid
    120 [<gate>] ticket <card> refused: already left
    100 [<gate>] no answer from controller <ip>, try <n>
    60 zone <zone> full
    55 zone <zone> has spaces again
    40 pay station <n>: <why>
    25 receipt <int> printed at pay station <n>
    20 terminal <int> offline since <time>
    12 terminal <int> online
    10 [<gate>] intercom call by <who>, answered by desk after <int> s
    8 [<gate>] barrier forced open
    5 tariff table <int> loaded, valid from <date>
    4 season card <card> expires in <int> days
    3 [<gate>] camera lens dirty
    3 [<gate>] heater on at <deg> C
    2 day closed: <int> tickets, <decimal> EUR
    1 fire alarm: all barriers up
    1 fire alarm over
    1 licence for <int> lanes ends <date>
    1 database backup to /mnt/usb failed: Read-only file system
    `,
  ),
  kind(
    'kettles of a brewery',
    {
      vessel: mostly(0.5, ['kettle'], ['mash tun', 'lauter tun', 'whirlpool', 'hot tank']),
      brew: mostly(0.6, ['Pale Ale'], ['Stout', 'Oat Stout', 'Helles', 'Winter Bock']),
      op: mostly(0.8, ['ines'], ['tomas', 'shift lead', 'auto']),
      valve: (random) => `V${random.int(1, 40)}`,
      temp: (random) => `${random.int(1, 99)}.${random.int(0, 9)}`,
      state: ['open', 'closed'],
      sensor: (random) => `${random.pick(['TT', 'PT', 'FT', 'LT'])}-${random.int(100, 499)}`,
      tail: (random) => (random.chance(0.4) ? ` [${random.int(1, 9)}]` : ''),
    },
    `
    4000 <sensor> value <temp> setpoint <temp> out <int>%
    2000 valve <valve> commanded <state> by <op>
    1200 valve <valve> feedback <state> after <int> ms<tail>
    900 <vessel>: temperature <temp> C, level <int> l
    500 step <n> of <brew> started in <vessel>
    480 step <n> of <brew> finished in <vessel> after <int> min
    300 pump P<n> speed <int> rpm, current <temp> A
    200 dosing <int> g of hops into <vessel>
    90 <sensor> alarm high: <temp> over <temp>
    80 <sensor> alarm low: <temp> under <temp>
    60 alarm <int> acknowledged by <op>
    40 <op> changed setpoint of <sensor> from <temp> to <temp>
    20 batch <int> (<brew>) created by <op>
    12 batch <int> (<brew>) released
    10 cleaning of <vessel> due in <int> h
    8 <sensor> wire break
    6 valve <valve> did not reach <state> in <int> ms
    5 pump P<n> tripped: overload
    3 bus cycle took <int> ms, <int> allowed
    2 PLC <ip> reconnected after <int> s
    2 recipe <brew> saved, revision <int>
    1 steam pressure lost
    1 steam pressure back
    1 archive of <date> written, <int> rows
    1 user <op> locked after <n> wrong pins
    `,
  ),
  kind(
    'ferry bookings',
    {
      port: mostly(0.5, ['Piraeus'], ['Naxos', 'Agios Nikolaos', 'Chora', 'Porto Vecchio']),
      ship: mostly(0.6, ['Aurora'], ['Blue Gull', 'Nordlys', 'Queen of the Isles']),
      agent: mostly(0.7, ['web'], ['kiosk', 'phone desk', 'partner-7']),
      ref: (random) => random.letters(6).toUpperCase(),
      veh: ['car', 'van', 'motorbike', 'none'],
      name: (random) =>
        `${random.pick(['Ana', 'Jon', 'Li', 'Mia'])} ${random.pick(['Costa', 'Berg', 'Wu', 'de Vries'])}`,
      promo: (random) => (random.chance(0.7) ? '' : random.letters(5)),
      ua: ['ok', 'slow'],
    },
    `
    2500 search from=<port> to=<port> date=<date> pax=<n> vehicle=<veh> promo=<promo> hits=<int> ms=<int>
    1800 price request for <ship> took <int> ms
    1200 booking <ref> created by <agent> for <name>, <n> passengers
    900 seat map of <ship> refreshed (<int> free)
    500 booking <ref> paid, <decimal> EUR
    300 booking <ref> cancelled by <agent>
    200 mail to <mail> sent: confirmation <ref>
    120 mail to <mail> bounced: <int> mailbox full
    100 sailing <ship> <port>-<port> delayed by <int> min
    80 card of <name> declined: insufficient funds
    60 card of <name> declined: expired
    50 boarding of <ship> at <port> opened
    50 boarding of <ship> at <port> closed
    30 quota of agent <agent> used up: <int> of <int>
    20 vehicle deck of <ship> is full
    15 session <uuid> expired after <int> min
    10 duplicate passenger <name> in booking <ref>
    8 passport number missing for <name>
    5 no tariff for <port> to <port> on <date>
    4 lock on sailing <int> held by <agent> for <int> s
    3 sailing <ship> cancelled due to wind <n> bft
    2 timetable <int> imported with <int> warnings
    2 rate of exchange <decimal> is older than <int> h
    1 payment gateway switched to fallback
    1 payment gateway switched back
    1 cache rebuilt in <ms>
    `,
  ),
  kind(
    'training of models',
    {
      run: (random) =>
        `${random.pick(['calm', 'brave', 'tiny'])}-${random.pick(['fox', 'lake', 'pine'])}-${random.int(1, 400)}`,
      user: mostly(0.75, ['mkato'], ['ola', 'svc-train', 'priya']),
      lr: (random) => (random.chance(0.5) ? `${random.int(1, 9)}e-0${random.int(3, 6)}` : `0.00${random.int(1, 99)}`),
      loss: (random) =>
        random.chance(0.02) ? 'nan' : random.chance(0.02) ? 'inf' : `${random.int(0, 9)}.${random.digits(4)}`,
      shape: (random) => `[${Array.from({ length: random.int(1, 4) }, () => String(random.int(1, 512))).join(', ')}]`,
      layer: (random) => `block${random.int(0, 23)}.attn.${random.pick(['q', 'k', 'v', 'out'])}`,
      data: mostly(0.6, ['webtext'], ['books', 'wiki_de', 'code mix']),
      prec: ['fp16', 'bf16', 'fp32'],
      eta: (random) =>
        random.pick([`${random.int(1, 59)}m`, `${random.int(1, 30)}h${random.int(1, 59)}m`, `${random.int(1, 59)}s`]),
    },
    `
    4000 step <int> | loss <loss> | lr <lr> | <int> tok/s | eta <eta>
    1200 rank <n>: grad norm <loss> clipped to <decimal>
    800 loader <data>: queue <int>/<int>, wait <decimal>s
    600 gpu <n> mem <int>/<int> MiB util <int>% temp <int>C
    300 eval on <data>: ppl <loss>, acc <decimal>
    150 saved checkpoint /ckpt/<run>/step-<int>.pt (<decimal> GB) in <decimal>s
    90 loss scale reduced from <int> to <int>
    60 run <run> started by <user> on <int> gpus
    50 run <run> finished after <eta>
    30 run <run> killed by <user>
    25 shape mismatch in <layer>: expected <shape>, got <shape>
    20 tokens dropped from <data>: <int>
    15 rank <n> waits for barrier since <decimal>s
    12 cast <layer> to <prec>
    8 heartbeat of rank <n> missed <n> times
    6 resuming <run> from step <int>
    5 unexpected keys in checkpoint: <shape>
    4 gpu <n> ecc errors: <int> volatile, <int> total
    3 disk quota of <user> exceeded: <int>G of <int>G
    2 port <port> busy, trying <port>
    1 watchdog: no step for <int> s
    1 seed set to <int>
    1 all ranks ready
    1 compile took <decimal>s
    `,
  ),
  kind(
    'printers of a campus',
    {
      queue: mostly(0.5, ['library'], ['lab-2', 'dean', 'copy shop', 'dorm_w']),
      user: mostly(0.3, ['student'], ['hruiz', 'k.lang', 'anna', 'guest', 'visiting scholar', 'root']),
      title: (random) =>
        random.pick(['thesis.pdf', 'Untitled', 'Lab report 3', 'mail - inbox', 'notes', 'Chapter 2 (draft).docx']),
      model: ['LX 400', 'Colour Jet 9', 'P-77'],
      tray: ['tray 1', 'tray 2', 'bypass'],
      dup: (random) => (random.chance(0.3) ? ', duplex' : ''),
      host: (random) => `pc-${random.int(1, 300)}`,
      ink: ['black', 'cyan', 'magenta', 'yellow'],
    },
    `
    2500 job <int> queued on <queue> by <user> from <host>
    2300 job <int> printed on <queue>: <int> pages<dup>
    1500 charge <user> <decimal> for job <int>, balance <decimal>
    900 poll <ip>: status <int>, pages <int>
    500 job <int> title "<title>" size <int>
    300 job <int> held for release by <user>
    250 job <int> released at station <n>
    150 quota of <user> is used up (<int> pages)
    120 <queue>: <tray> is empty
    100 <queue>: <ink> toner low, <int>%
    80 <queue>: <ink> toner replaced
    60 <queue>: paper jam in <tray>
    40 login of <user> at station <n> refused
    30 job <int> deleted by <user>
    20 converting job <int> took <int> s
    15 <queue> went offline
    14 <queue> is back online
    10 unknown font in job <int>, using default
    8 refund of <decimal> to <user> by operator
    5 driver for <model> updated to <n>.<int>
    4 spool directory has <int> files older than <int> days
    3 snmp timeout for <ip> after <n> tries
    2 <model> at <ip> found
    1 price list <int> active
    1 directory sync: <int> added, <int> removed
    1 spooler restarted
    `,
  ),
]
