import { kind } from './kind.ts'

/** Put aside: sites and trades that the other corpora do not touch. Only measured, never tuned by. */
export const heldOutSites = [
  kind(
    'directory and single sign-on',
    {
      uid: (random) => `uid=${random.letters(6)},ou=people,dc=example,dc=com`,
      realm: ['EXAMPLE.COM', 'LAB.EXAMPLE.COM'],
      app: ['wiki', 'payroll', 'tickets', 'mail', 'vpn', 'crm'],
    },
    `
    120 conn=<int> fd=<int> ACCEPT from IP=<addr> (IP=0.0.0.0:389)
    120 conn=<int> op=<n> BIND dn="<uid>" method=128
    120 conn=<int> op=<n> RESULT tag=97 err=0 text=
    40 conn=<int> op=<n> RESULT tag=97 err=49 text=
    90 conn=<int> op=<n> SRCH base="ou=people,dc=example,dc=com" scope=<n> deref=0 filter="(mail=<mail>)"
    90 conn=<int> op=<n> SEARCH RESULT tag=101 err=0 nentries=<n> text=
    80 conn=<int> op=<n> UNBIND
    80 conn=<int> fd=<int> closed
    60 AS_REQ (<n> etypes {18 17 16}) <ip>: ISSUE: authtime <big>, etypes {rep=18 tkt=18 ses=18}, <word>@<realm> for krbtgt/<realm>@<realm>
    30 AS_REQ (<n> etypes {18 17 16}) <ip>: CLIENT_NOT_FOUND: <word>@<realm> for krbtgt/<realm>@<realm>, Client not found in Kerberos database
    40 Token for <mail> issued to <app>
    30 Token for <mail> refused to <app>: expired
    20 Session <uuid> of <mail> ended after <int> minutes
    10 Key rollover finished, new key <hash>
    `,
  ),
  kind(
    'firewall and tunnel',
    {
      chain: ['INPUT', 'FORWARD'],
      peer: ['berlin', 'lyon', 'porto', 'gdansk', 'turin', 'ghent'],
    },
    `
    150 [UFW BLOCK] IN=eth0 OUT= MAC=<mac>:<mac>:08:00 SRC=<ip> DST=<ip> LEN=<int> TOS=0x00 PREC=0x00 TTL=<int> ID=<int> PROTO=TCP SPT=<port> DPT=<int> WINDOW=<int> RES=0x00 SYN URGP=0
    80 [UFW BLOCK] IN=eth0 OUT= MAC=<mac>:<mac>:08:00 SRC=<ip> DST=<ip> LEN=<int> TOS=0x00 PREC=0x00 TTL=<int> ID=<int> PROTO=UDP SPT=<port> DPT=<int> LEN=<int>
    70 initiating IKE_SA <peer>[<int>] to <ip>
    60 IKE_SA <peer>[<int>] established between <ip>[CN=gw]...<ip>[CN=<peer>]
    60 CHILD_SA <peer>{<int>} established with SPIs <hash>_i <hash>_o and TS <ip>/24 === <ip>/24
    50 deleting IKE_SA <peer>[<int>] between <ip>[CN=gw]...<ip>[CN=<peer>]
    50 sending keep alive to <ip>[4500]
    40 parsed IKE_SA_INIT response <n> [ SA KE No N(NATD_S_IP) N(NATD_D_IP) ]
    40 received AUTHENTICATION_FAILED notify error
    40 peer not responding, trying again (<n>/<n>)
    30 <ip>:<port> TLS: Initial packet from [AF_INET]<addr>, sid=<hash>
    30 <ip>:<port> VERIFY OK: depth=<n>, CN=<peer>
    20 <ip>:<port> TLS Error: TLS key negotiation failed to occur within 60 seconds (check your network connectivity)
    10 MULTI: new connection by client '<peer>' will cause previous active sessions by this client to be dropped.
    `,
  ),
  kind(
    'backup and file systems',
    {
      vol: ['home', 'projects', 'vm', 'photos', 'archive', 'www'],
      dev: (random) => `sd${random.pick(['a', 'b', 'c', 'd', 'e'])}${random.int(1, 3)}`,
      pool: ['tank', 'rpool'],
      file: (random) => `/srv/${random.letters(5)}/${random.letters(4)}.${random.pick(['jpg', 'doc', 'db'])}`,
    },
    `
    100 snapshot <vol>@auto-<date> created in <decimal> s
    80 snapshot <vol>@auto-<date> destroyed
    80 backup of <vol> finished: <int> files, <decimal> GiB added, <decimal> GiB total
    30 backup of <vol> failed: repository is locked by PID <int> on <word>
    70 <file>: file changed as we read it
    60 <file>: Permission denied
    50 EXT4-fs (<dev>): mounted filesystem with ordered data mode. Opts: (null)
    40 EXT4-fs (<dev>): recovery complete
    40 EXT4-fs error (device <dev>): ext4_lookup:<int>: inode #<int>: comm rsync: deleted inode referenced: <int>
    40 Buffer I/O error on dev <dev>, logical block <int>, async page read
    30 ata<n>.00: exception Emask 0x0 SAct <hex> SErr 0x0 action 0x6 frozen
    30 Device: /dev/<dev> [SAT], <int> Currently unreadable (pending) sectors
    30 Device: /dev/<dev> [SAT], SMART Usage Attribute: 194 Temperature_Celsius changed from <int> to <int>
    20 pool <pool> scrub started
    20 pool <pool> scrub finished with <n> errors
    10 pool <pool> is degraded
    10 quota of <word> exceeded by <decimal> MB
    `,
  ),
  kind(
    'shop floor',
    {
      line: ['L1', 'L2', 'L3', 'PACK', 'PAINT'],
      part: (random) => `P-${random.digits(5)}-${random.pick(['A', 'B', 'C'])}`,
      op: ['drill', 'mill', 'press', 'weld', 'glue', 'lathe', 'saw'],
      worker: ['Ahmed', 'Birgit', 'Carlos', 'Dana', 'Emil', 'Fatima', 'Goran'],
    },
    `
    120 Station <op> on line <line> cycle time <decimal> s (target <decimal> s)
    100 Part <part> scanned at <op>
    90 Part <part> rejected at <op>: diameter <decimal> mm out of tolerance
    40 Part <part> rejected at <op>: surface scratched
    60 <worker> logged on at <op>
    60 <worker> logged off at <op>
    50 Line <line> stopped: light curtain interrupted
    40 Line <line> stopped: emergency button pressed
    40 Spindle temperature <int> °C above limit <int> °C
    30 Tool <int> worn, <int> cycles left
    30 OPC UA read of ns=2;s=Line.<op>.Speed failed: BadTimeout
    20 PLC <ip> not reachable, <n> retries left
    20 Order <big> released with <int> pieces
    10 Shift change at <time>
    `,
  ),
  kind(
    'payments file',
    {
      iban: (random) =>
        `${random.pick(['DE', 'FR', 'NL', 'AT'])}${random.digits(2)} ${random.digits(4)} ${random.digits(4)} ${random.digits(4)} ${random.digits(2)}`,
      e2e: (random) => `E2E-${random.digits(10)}`,
      sum: (random) => `${random.int(1, 99)}${random.chance(0.5) ? `,${random.digits(3)}` : ''}.${random.digits(2)}`,
      bic: (random) => `${random.letters(4).toUpperCase()}DE${random.letters(2).toUpperCase()}XXX`,
      why: ['AC01', 'AC04', 'AM04', 'MD07', 'RR04'],
    },
    `
    120 Transaction <e2e>: IBAN <iban> fails its check
    100 Transaction <e2e>: amount EUR <sum> exceeds the limit of EUR <sum>
    90 Transaction <e2e> returned by bank with reason <why>
    60 BIC <bic> does not belong to IBAN <iban>
    60 Control sum <sum> differs from computed sum <sum>
    60 Number of transactions <int> differs from header (<int>)
    50 Creditor name is longer than 70 characters (<int>)
    40 Execution date <date> is a bank holiday
    40 Execution date <date> lies in the past
    30 Mandate <word>-<int> is unknown
    30 Mandate <word>-<int> was revoked on <date>
    20 Duplicate message id <hash>
    10 Pain version pain.001.001.03 is accepted, 09 is preferred
    `,
  ),
  kind(
    'clinic messages',
    {
      seg: ['PID', 'PV1', 'OBR', 'OBX', 'NK1', 'AL1'],
      unit: ['mg/dL', 'mmol/L', 'U/L', 'g/L', 'IU/mL'],
      ward: ['A3', 'B1', 'ICU', 'ER'],
      test: ['glucose', 'sodium', 'potassium', 'ferritin', 'troponin', 'albumin'],
    },
    `
    100 Message <big>: required field <seg>-<n> is empty
    90 Message <big>: unknown code '<word>' in field <seg>-<n>
    80 Patient <int> not found, message <big> held
    80 Result for <test> is <decimal> <unit>, outside <decimal> to <decimal>
    60 Unit '<unit>' of <test> converted to '<unit>'
    50 Ward <ward> has no bed for patient <int>
    50 Two records for patient <int> share the number <big>
    40 ACK AE for <big> after <int> ms
    40 ACK AA for <big> after <int> ms
    30 Date of birth <date> is after admission <stamp>
    30 Connection to lab at <addr> lost
    20 Connection to lab at <addr> restored
    10 Character set "8859/1" assumed
    `,
  ),
  kind(
    'library catalogue',
    {
      tag: (random) => String(random.int(100, 899)),
      isbn: (random) => `978-3-${random.digits(3)}-${random.digits(5)}-${random.int(0, 9)}`,
      lang: ['ger', 'eng', 'fre', 'spa', 'ita', 'lat', 'rus'],
      title: (random) =>
        `"${Array.from({ length: random.int(1, 5) }, () => random.letters(random.int(3, 8))).join(' ')}"`,
    },
    `
    100 Record <int>: field <tag> is repeated but may not be
    100 Record <int>: field <tag> has no subfield a
    80 Record <int>: leader has length <int>, found <int>
    80 ISBN <isbn> has a wrong check digit
    60 Title <title> already exists as record <int>
    50 Language code <lang> does not match language of cataloguing <lang>
    50 Cannot decode byte <hex> at offset <int> as MARC-8
    40 Authority <word> <int> not found, heading left as it is
    40 Item <big> has unknown location <word>
    30 Record <int> skipped: no title
    30 Record <int> skipped: deleted
    20 Processed <int> records in <decimal> seconds (<decimal> records/s)
    `,
  ),
]
