import { kind, mostly } from './kind.ts'
import type { Random } from './random.ts'

const GUESSES = ['admin', 'oracle', 'test', 'ubnt', 'git', 'pi', 'ftpuser', 'nagios', 'support', 'user', 'john', '0']
const sometimes = (share: number, part: (random: Random) => string) => (random: Random) =>
  random.chance(share) ? part(random) : ''
const letters = (random: Random): string => random.letters(random.int(3, 8))

/** Put aside after the causes that held-out-fleets showed were mended. */
export const heldOutGuilds = [
  kind(
    'gatehouse, system log',
    {
      guess: (random) => random.pick(GUESSES),
      user: mostly(0.8, ['root'], ['mara', 'deploy', 'backup']),
      from: (random) =>
        random.pick([
          '183.62.9.140',
          '5.36.59.76',
          `${random.int(1, 223)}.${random.int(0, 255)}.1.${random.int(1, 254)}`,
        ]),
      named: (random) =>
        random.pick([`host-${random.int(1, 99)}.dyn.example.net`, 'ns.marryaldk.example', '183.62.9.140']),
      unit: mostly(0.4, ['logrotate.service'], ['apt-daily.timer', 'cron.service', 'fstrim.service', 'nginx.service']),
      descr: [
        'Rotate log files',
        'Daily apt download activities',
        'Discard unused blocks',
        'Clean Temporary Directories',
      ],
      cmd: [
        '/usr/lib/sysstat/sa1 1 1',
        'test -x /usr/sbin/anacron || run-parts --report /etc/cron.daily',
        '/opt/bin/poll.sh',
      ],
      qid: (random) => random.hex(11).toUpperCase(),
      disk: ['sda', 'sdb', 'sdc'],
      chain: ['IN=eth0 OUT= ', 'IN=eth0 OUT=eth1 '],
      proto: ['TCP', 'UDP', 'ICMP'],
      keytype: ['RSA', 'ED25519', 'ECDSA'],
      sig: (random) => `SHA256:${random.hex(20)}`,
      who: sometimes(0.5, (random) => ` user=${random.pick(['root', 'root', 'mara', 'games'])}`),
      dom: ['example.org', 'lists.example.org', 'gmx.example'],
      why: ['Connection timed out', 'Connection refused', 'Network is unreachable'],
    },
    `
    3000 door: wrong password for <user> from <from> port <port>
    1900 door: wrong password for unknown user <guess> from <from> port <port>
    1800 door: peer <from> port <port> hung up before login
    1700 door: input_request: unknown user <guess> [preauth]
    1600 pam(door:auth): login failure; name= uid=0 euid=0 tty=door ruser= rhost=<named><who>
    1300 pam(door:auth): no such user
    900 door: <from> [<named>] maps wrongly back to <named> - BREAK-IN?
    600 pam(cron:session): session begins for user <user> by (uid=0)
    600 pam(cron:session): session ends for user <user>
    580 CRON[<int>]: (<user>) CMD (<cmd>)
    300 Started <descr>.
    290 <unit>: Succeeded.
    200 <unit>: Main process exited, code=exited, status=<n>/FAILURE
    180 [UFW BLOCK] <chain>MAC=<mac> SRC=<from> DST=<ip> LEN=<int> TOS=<hex> TTL=<int> ID=<int> PROTO=<proto> SPT=<port> DPT=<int>
    150 door: login of <user> with key from <from> port <port>: <keytype> <sig>
    140 door: too many tries for <user> from <from> port <port>
    120 smtp: connect from <named>[<from>]
    115 smtp: disconnect from <named>[<from>] ehlo=1 quit=1 commands=<n>
    100 <qid>: to=<<mail>>, relay=mx.<dom>[<ip>]:25, delay=<decimal>, dsn=2.0.0, status=sent (250 ok <big>)
    60 <qid>: to=<<mail>>, relay=none, delay=<decimal>, dsn=4.4.1, status=deferred (connect to mx.<dom>[<ip>]:25: <why>)
    50 <qid>: removed
    40 ntp: clock of <ip> is <decimal> s away
    30 smart: /dev/<disk>, attribute <int> Temperature changed from <int> to <int>
    25 kernel: [<decimal>] <disk>: unaligned request at <big>
    20 kernel: [<decimal>] eth0: link is up, <int> Mbps full duplex
    18 kernel: [<decimal>] eth0: link is down
    12 kernel: [<decimal>] Out of memory: ended <word> (pid <int>), total <int>kB
    10 dhcp: lease of <ip> ends in <int> seconds
    8 sudo: <user> : TTY=pts/<n> ; PWD=/home/<user> ; USER=root ; COMMAND=<cmd>
    6 door: listening on 0.0.0.0 port 22.
    6 door: listening on :: port 22.
    4 raid: array md<n> is degraded
    3 raid: array md<n> is whole again
    2 systemd: reached target <word>.
    1 rsyslog: was HUPed
    1 door: caught signal 15; ending.
    `,
  ),
  kind(
    'members of a club, import',
    {
      line: (random) => String(random.int(2, 9000)),
      col: mostly(0.4, ['email'], ['birth_date', 'phone', 'postal code', 'member_no', 'firstName', 'fee', 'IBAN']),
      bad: (random) =>
        random.pick([
          letters(random),
          `${letters(random)} ${letters(random)}`,
          random.digits(5),
          `${random.digits(2)}.13.2019`,
          '',
        ]),
      club: mostly(0.5, ['Rowers'], ['Chess', 'Old Boys', 'Tennis West']),
      got: ['string', 'null', 'number', 'array', 'object'],
      want: ['string', 'integer', 'boolean', 'date'],
      path: (random) => `members[${random.int(0, 900)}].${random.pick(['email', 'address.zip', 'fee', 'joined'])}`,
      country: ['DE', 'AT', 'Switzerland', 'FR', 'Czechia'],
      money: (random) => `${random.int(0, 900)}.${random.digits(2)} ${random.pick(['EUR', 'CHF'])}`,
      allowed: (random) => random.pick(['active, passive, honorary', 'cash, transfer, debit']),
      state: ['activ', 'gone', 'PASSIVE?', 'n/a', 'left 2019'],
      name: (random) => random.pick(['Ann Lee', 'Miller', 'Jo van Dam', "O'Neil", 'Weiß', 'Dr. Kraus']),
      enc: ['utf-8', 'cp1252'],
      file: (random) => `members_${random.int(2015, 2024)}${sometimes(0.3, () => ' (2)')(random)}.xlsx`,
      dup: (random) => Array.from({ length: random.int(1, 4) }, () => String(random.int(2, 9000))).join(', '),
    },
    `
    3000 Row <line>: <col> "<bad>" is not valid
    1500 Row <line>: required column <col> is empty
    1200 Row <line>: '<bad>' is not a valid date, expected DD.MM.YYYY
    900 <path>: expected <want>, received <got>
    700 Duplicate member number <int> in rows <dup>
    500 Row <line>, column <col>: value is too long (<int> > <int> characters)
    400 Member <name> (<int>) is already in club <club>
    350 Row <line>: status must be one of <allowed>; got <state>
    300 Unknown country: <country>
    250 Fee <money> of <name> differs from the tariff <money>
    200 Could not convert string to float: '<bad>'
    180 Row <line> skipped: no e-mail and no address
    150 IBAN <word><big> of member <int>: wrong check digits
    120 psql: duplicate key value violates unique constraint "members_<word>_key"\\nDETAIL: Key (email)=(<mail>) already exists.
    100 Missing column <col> in sheet <club>
    80 Row <line>: birth date <date> lies in the future
    60 Sheet <club> has <int> rows, limit is <int>
    50 Postal code <bad> does not belong to <country>
    40 <path> must not be <got>
    30 Date of joining <date> is before date of birth <date>
    20 Row <line>: family head <int> not found
    15 Cannot decode byte <hex> at position <int> as <enc>
    10 File <file> looks like it was imported on <stamp>
    6 Row <line> has <int> cells, the header has <int>
    4 Photo of member <int> could not be fetched: HTTP 404
    3 Photo of member <int> could not be fetched: HTTP 403
    2 Formula in cell <word><int> was not computed
    1 The sheet is protected by a password
    1 Header row not found in the first <int> rows
    `,
  ),
]
