import { kind, mostly } from './kind.ts'

/** Put aside: web heads, logins and a personal computer with hundreds of small voices. */
export const heldOutDoors = [
  kind(
    'web front',
    {
      path: (random) => `/srv/www/html/${random.letters(6)}${random.pick(['', '/index.php', '.gif', '/awstats.pl'])}`,
      cli: (random) => `${random.int(20, 220)}.${random.int(1, 254)}.${random.int(1, 254)}.${random.int(1, 254)}`,
      env: mostly(0.8, ['6'], ['7', '8']),
    },
    `
    3000 setup() took child <int> into slot <int> of the board
    2800 workers ok /etc/front/workers.conf
    1400 front child workers in error state <env>
    400 front child init <n> -<n>
    300 [client <cli>] Listing of folder forbidden by rule: <path>
    100 [client <cli>] File not there: <path>
    30 [client <cli>] script not found or unable to stat: <path>
    20 [client <cli>] request failed: URI too long (longer than <int>)
    10 [client <cli>] Bad method in request <word>
    6 child pid <int> left with signal Segmentation fault (<n>)
    4 resuming normal work
    2 caught SIGTERM, going down
    1 seed for digest auth ... ready
    `,
  ),
  kind(
    'remote login daemon',
    {
      user: mostly(
        0.5,
        ['root'],
        ['admin', 'oracle', 'test', 'pi', 'git', 'ubuntu', 'uucp', 'guest', '0101', 'web master'],
      ),
      src: mostly(0.5, ['183.62.140.2'], ['103.99.0.122', '187.141.143.8', '5.36.59.7', '119.4.203.6']),
      rdns: (random) => `${random.letters(4)}-${random.int(1, 99)}.${random.letters(6)}.example.ru`,
    },
    `
    2200 Wrong password for <user> from <src> port <port> v2
    900 Wrong password for unlisted user <user> from <src> port <port> v2
    1500 gate(auth): refused; logname= uid=0 euid=0 tty=rl ruser= rhost=<src>
    1100 gate(auth): refused; logname= uid=0 euid=0 tty=rl ruser= rhost=<src>  user=<user>
    1300 gate(auth): check pass; user not known
    1200 Hung up by <src>: 11: Bye Bye [preauth]
    300 Hung up by <src>: 11: Closed due to user request. [preauth]
    20 Hung up by <src>: 13: User request [preauth]
    800 Unlisted user <user> from <src>
    800 ask_userauth: unlisted user <user> [preauth]
    500 Looking up <rdns> [<src>] gave no address - MAYBE AN ATTACK!
    200 Address <src> maps to <rdns>, but not back - MAYBE AN ATTACK!
    200 GATE <n> more refusals; logname= uid=0 euid=0 tty=rl ruser= rhost=<src>
    190 GATE <n> more refusals; logname= uid=0 euid=0 tty=rl ruser= rhost=<src>  user=<user>
    150 GATE service(rl) ignores retry limit; <n> > 3
    100 Hung up: Too many tries for <user> [preauth]
    90 Connection shut by <src> [preauth]
    50 error: Lost <src>: 3: com.example.ssh.AuthException: Auth fail [preauth]
    40 No greeting from <src>
    20 fatal: Write failed: Connection reset by peer [preauth]
    10 message repeated <n> times: [ Wrong password for root from <src> port <port> v2]
    4 Right password for fztu from <src> port <port> v2
    4 gate(session): opened for fztu by (uid=0)
    4 gate(session): closed for fztu
    2 Bad greeting '\\003' from <src> port <port>
    1 Listening on 0.0.0.0 port 22.
    `,
  ),
  kind(
    'personal computer',
    {
      host: mostly(0.6, ['anna-laptop'], ['anna-laptop-2', 'guest-12-34']),
      app: mostly(0.5, ['Mailbox'], ['Browser', 'Sheets', 'Photos', 'Music', 'Notes']),
      ptr: (random) => `0x7f${random.hex(10)}`,
      cls: (random) => `<XK${random.pick(['Window', 'Button', 'Table'])}: 0x${random.hex(9)}>`,
      cc: ['DE', 'FR', 'US', 'AT', 'PL', 'X0'],
      chan: (random) => String(random.pick([1, 6, 11, 36, 149])),
      en: ['en0', 'en0', 'en1', 'awdl0'],
      dist: (random) => `com.example.${random.letters(5)}.${random.letters(6)}`,
    },
    `
    1500 xpc: connection <ptr> torn down by process <int>[<app>]
    1200 Sandbox: <app>(<int>) deny(1) file-read-data /Users/anna/<word>/<word>.plist
    900 wifi: country changed to '<cc>', <n> devices seen
    800 ARP: <mac> uses my address <ip> on <en>
    800 Wake reason: EC.LidOpen (User)
    700 Wake reason: RTC (Alarm)
    600 <en>: link up at channel <chan>
    550 <en>: link down, reason <n>
    400 PM notice timeout (pid <int>, <app>)
    350 Unknown key for integer: _DirtySpots<n>
    350 CoreView: view=<cls> asked for layout inside of layout
    300 [<app>] no window server for <big> s, gave up
    280 dns: query to <ip> for <mail> took <int>ms
    200 *** remote <dist> sent error <int>
    180 Service exited with abnormal code: <int>
    150 Service only ran for <int> seconds. Pushing respawn out by <int> seconds.
    150 hibernate image <decimal> MB, <int> pages (<int>%)
    120 The bundle <dist> is not signed
    100 The bundle <dist> is signed by someone else
    100 usb: device "<word>" at <hex> gone
    80 thermal pressure state: <n> memory pressure state: <n>
    60 Bluetooth: <mac> paired with <host>
    50 <app>: objc[<int>]: Class <word> is in both /usr/lib/a.dylib (<ptr>) and /usr/lib/b.dylib (<ptr>). One is used.
    40 fsck_hfs: Volume is clean.
    30 tcp lookup: client on flow <int> could not get address and port
    30 AirPort: Link Down on <en>. Reason <n> (Disassociated because station leaving).
    30 AirPort: Link Up on <en>
    20 hostname changed from "<host>" to "<host>"
    15 Got <int> items, <n> new
    12 assertion failed: 16B<n>: libx.dylib + <int> [<uuid>]: <hex>
    8 Previous shutdown cause: <n>
    8 en<n>: promiscuous mode enable succeeded
    6 -[<app>Controller reload:] called with nil
    4 (import) could not parse header of <word>.pst, offset -<int>
    3 Opened file /System/Library/Caches/<hash>
    2 ENOENT for '<word>'
    1 Captive: starting probe
    1 Sleep: begin
    1 AGC:: 3.12.0, HW version = 1.9.23 [3.12.8]
    `,
  ),
  kind(
    'batch house',
    {
      queue: mostly(0.6, ['normal'], ['long', 'short', 'gpu', 'bigmem', 'debug']),
      user: mostly(0.7, ['mila'], ['otto', 'jun', 'priya', 'svc_run', 'k.lam', 'zed']),
      reason: ['PRIORITY', 'RESOURCES', 'DEPENDENCY', 'QOSLIMIT'],
      nodes: (random) => `c${random.int(1, 40)}${random.chance(0.4) ? `-${random.int(41, 90)}` : ''}`,
      tres: (random) =>
        `cpu=${random.int(1, 64)},mem=${random.int(1, 900)}${random.pick(['M', 'G'])}${random.chance(0.3) ? `,gres/gpu=${random.int(1, 8)}` : ''}`,
      exit: mostly(0.9, ['0'], ['1', '2', '127']),
      acc: (random) => `acc${random.int(1, 30)}`,
    },
    `
    2500 sched: job <int> put on <nodes> in queue <queue>
    2600 _finish: job <int> WEXITSTATUS <exit>
    50 _finish: job <int> WTERMSIG 9
    1800 job <int> submitted by user <user>, usec=<int>
    900 job <int> waits: <reason>
    700 backfill: job <int> starts at <iso>, tres=<tres>
    500 usage of account <acc>: <decimal> (<int>/<int>)
    300 prolog on <nodes> took <int> sec
    200 epilog on <nodes> took <int> sec
    150 node <nodes> not answering
    120 node <nodes> answering again
    90 node <nodes> low memory: <int> < <int>
    60 job <int> killed: wall time <time> over limit <time>
    50 job <int> killed: memory <decimal>GB over limit <int>GB
    30 user <user> is over the limit of queue <queue> (<n>/<n>)
    20 license server <word>: <int> of <int> used
    10 error: batch_auth: bad credential for uid <int>, user=
    4 partition <queue> drained by root
    1 configuration reread
    `,
  ),
]
