import { kind, mostly } from './kind.ts'

/** Put aside: supercomputers, servers, desktops and phones that do not exist. One host or user has most lines. */
export const heldOutHosts = [
  kind(
    'vector machine',
    {
      loc: (random) =>
        `B${random.int(0, 7)}${random.int(0, 7)}-C${random.int(0, 1)}-D:${random.pick(['J', 'K'])}${random.digits(2)}-U${random.int(1, 9)}1`,
      dir: ['n', 's', 'e', 'w', 'up', 'down'],
      bin: (random) => `/g/u${random.int(1, 3)}/${random.letters(6)}/${random.letters(4)}.${random.int(1, 4)}/a.out`,
      regs: (random) => Array.from({ length: random.int(2, 8) }, () => `0x${random.hex(8)}`).join(' '),
      dots: (random) => '.'.repeat(random.int(3, 14)),
    },
    `
    4000 writing dump.<int>
    2000 data cache line scrubbed by hardware
    1800 <n> bit flip(s) on bank <int>, line <hex>, syndrome <hex> repaired
    900 <int> misaligned vector loads
    600 iolink: lost header after HELLO on LinkStream socket to <addr>: Peer is gone
    500 iolink: lost header on control link (LinkStream socket to <addr>
    400 vector unit interrupt
    300 <int> bank fault(s) found and repaired in <int> seconds
    200 grid receiver <dir> port fault(s) (ctl <hex>) found and repaired: <n>
    180 grid sender <dir> resend fault(s) (ctl <hex>) found and repaired: <n>
    100 run: kernel stopped for cause <int>
    90 iolink: cd(<bin>) refused: No such file or directory
    50 iolink: cd(<bin>) refused: Permission denied
    40 iolink: Cannot load <bin>: bad or missing image, Exec format error
    30 iolink: Cannot load <bin>: bad or missing image, Permission denied
    20 trap: divide<dots><n>
    18 trap: bad opcode<dots><n>
    18 trap: float enabled<dots><n>
    12 trap: imprecise<dots><n>
    12 vector status word: <hex>
    10 scalar status word: <hex>
    10 v<int>=<hex> v<int>=<hex> v<int>=<hex> v<int>=<hex>
    10 stack: <regs>
    6 drawer is not usable
    6 drawer(mPlace(<loc>), mTag(<hash>), mAddr(<ip>), mKind(<n>)) taken out for Repair <int>
    4 Fan tray of <loc> is missing
    4 Steering around <loc> lane <n>
    2 Power cut: <loc>
    2 Power back: <loc>
    1 total of <int> ns spent in trap code in <int> calls, <int> ns at most
    `,
  ),
  kind(
    'lattice of nodes',
    {
      node: (random) => `n${random.chance(0.3) ? '' : '0'}${random.int(10, 99)}`,
      range: (random) =>
        `n[${random.int(0, 31)}-${random.int(32, 127)}${random.chance(0.5) ? `,${random.int(130, 140)}` : ''}]`,
      temps: (random) => Array.from({ length: random.int(4, 9) }, () => String(random.int(20, 70))).join(' '),
      wwn: (random) => `50:06:0b:00:00:${random.hex(2)}:${random.hex(2)}:${random.hex(2)}`,
      part: ['fan3', 'psu1', 'psu2', 'board', 'disk0', 'disk1', 'nic0', 'bmc', 'riser'],
      targets: (random) => Array.from({ length: random.int(1, 3) }, () => `ost${random.int(100, 400)}`).join(','),
    },
    `
    3000 part <part> of <node> entered the missing state (ID=<int>)
    500 part <part> of <node> entered the present state (ID=<int>)
    1500 start (order <int>)
    900 drain (order <int>)
    800 stop (order <int>)
    1200 Temps ( <temps> )
    600 Temp warning <int> over <int>
    500 Lattice network notice: <range> lost
    450 Lattice network notice: <range> regained
    300 disk path <wwn> down
    300 disk path <wwn> up
    200 Targets <targets> offline on server <node>
    100 Target group <targets> mounted
    60 Node <node> is PANICKED
    50 Node <node> is DRAINED
    40 Node <node> is UNREACHABLE, last seen <stamp>
    30 PSU mains lost
    30 PSU mains back
    20 link <n>/<int> flapped
    10 Unknown event <hex> of lattice board
    5 bios: <n> corrected, <n> uncorrected on channel <n>
    2 Console of <node> taken by root
    1 Sequencer restarted
    `,
  ),
  kind(
    'farm of web heads, system log',
    {
      user: mostly(0.9, ['root'], ['dba', 'web', 'jon', 'mika']),
      host: (random) => `head${random.int(1, 400)}`,
      irq: (random) => String(random.int(1, 64)),
      from: mostly(0.8, ['10.9.1.200'], ['10.9.4.7', '10.9.4.9', '10.8.1.2']),
      qid: (random) => `${random.letters(2)}${random.digits(3)}${random.letters(3).toUpperCase()}${random.digits(6)}`,
      pkg: (random) => `${random.letters(5)}-${random.int(1, 9)}.${random.int(0, 20)}-${random.int(1, 4)}.el9`,
      signed: (random) => `${random.chance(0.5) ? '-' : ''}${random.int(0, 1)}.${random.digits(6)}`,
      dev: ['sda', 'sdb', 'sdc', 'nvme0n1', 'nvme1n1', 'dm-0', 'dm-1', 'md0'],
    },
    `
    3000 job(<user>) RUN (/usr/lib/stats/collect 1 1)
    1200 job(<user>) RUN (run-parts /etc/job.hourly)
    2600 gate(pam): session opened for <user> by (uid=0)
    2600 gate(pam): session closed for <user>
    900 lease asked by <mac> via eth0
    900 lease offered on <ip> to <mac> via eth0
    850 lease given on <ip> to <mac> via eth0
    700 ntp sync lost with <ip>: stratum <n>, offset -<decimal> s
    1180 ntp adjusting local clock by <signed>s
    500 <qid>: from=<user>, size=<int>, class=0, nrcpts=<n>, msgid=<<mail>>, relay=<user>@localhost
    450 <qid>: to=<user>, ctladdr=<user> (0/0), delay=<time>, mailer=relay, pri=<int>, dsn=2.0.0, stat=Sent (ok id=<int>)
    80 <qid>: to=<user>, ctladdr=<user> (0/0), delay=<time>, mailer=relay, pri=<int>, dsn=4.0.0, stat=Deferred: Connection refused by [127.0.0.1]
    300 snmp Connection from UDP: [<from>]:<port>
    290 snmp Received packet(s) from UDP: [<from>]:<port>
    200 warning: can't get client address: Connection reset by peer
    100 <dev>: write cache is on, <int> <int>-byte blocks
    90 ib0: port <n> state <n> -> <n>, lid <hex>
    80 PCI: irq <irq> routed to pin <n> of 0000:<hex2>:1f.0
    40 Installed: <pkg>
    30 Updated: <pkg>
    20 imklog <n>.<n>.<n>, log source = /proc/kmsg started.
    10 Kernel command line: ro root=LABEL=/ console=ttyS0,<int>
    8 CPU<n>: Temperature above threshold, clock throttled (total = <int>)
    8 CPU<n>: Temperature normal
    4 Memory: <int>k/<int>k available (<int>k kernel code, <int>k reserved, <int>k data)
    3 BIOS-e820: <hash2> - <hash2> (usable)
    3 BIOS-e820: <hash2> - <hash2> (reserved)
    2 audit: initialized
    2 audit(<big>.<int>:<n>): initialized
    1 Linux version 5.14.0-70.el9 (build@example) (gcc version 11.2.1) #1 SMP Thu Feb 24 19:11:22 EST 2022
    1 Calibrating delay loop... <decimal> BogoMIPS (lpj=<int>)
    1 Dentry cache hash table entries: <int> (order: <n>, <int> bytes)
    1 Inode-cache hash table entries: <int> (order: <n>, <int> bytes)
    `
      .replaceAll('<hex2>', '<n>')
      .replaceAll('<hash2>', '<hash>'),
  ),
  kind(
    'package store of a desktop',
    {
      id: (random) => `${random.digits(8)}_${random.digits(10)}`,
      kb: (random) =>
        `Bundle_for_FX${random.digits(7)}~31bf3856ad364e35~amd64~~${random.int(6, 10)}.${random.int(0, 4)}.${random.int(1, 9)}.${random.int(0, 9)}`,
      ptr: (random) => `@0x7fe${random.hex(8)}`,
      client: mostly(0.7, ['UpdateSvc'], ['SPP', 'DISMHost', 'PackageMgr']),
      hr: mostly(0.6, ['0x00000000'], ['0x800f0805', '0x80004005', '0x800f0816']),
      name: ['E_STORE_BAD_BUNDLE', 'E_FAIL', 'S_OK', 'E_STORE_NO_SUCH_ITEM'],
      st: ['Absent', 'Staged', 'Installed', 'Superseded', 'Partial'],
    },
    `
    3500 Session: <id> set up by client <client>.
    2500 Bundle <kb> read without complaint, state: <st>, wanted: <st>
    2000 Found in store: <kb>
    1500 Skipping telemetry since the run is not counted. [HRESULT = <hr> - <name>]
    1400 Could not open bundle inside. [HRESULT = <hr> - <name>]
    1200 Cannot open root key. [HRESULT = <hr> - <name>]
    1000 Cold: now in core init.
    1000 Cold: main loop begins
    990 Cold: main loop ends, <n> sessions open
    600 store handle <ptr> <ptr> <ptr> <ptr> <ptr> <ptr>
    300 <hash> (0x0000<n>) Making NT transaction (seq <n>), objectname [<n>]"(null)"
    280 <hash> (0x0000<n>) Made NT transaction (seq <n>) result 0x00000000, handle ${'@'}<hex>
    200 <hash> (0x0000<n>) Servicing transaction done [<n>]"<id>"
    90 Reboot mark taken
    90 Reboot mark given back
    60 Offline image is: not writable
    60 Offline image is: writable
    40 Startup: kept sessions none
    20 Ending: trusted installer, code <hr>
    10 Warning: flag "<word>" is not known
    4 Scavenge: begins <ctime>, took <int> s
    2 Bundle size <decimal> MB over quota <int> MB
    1 SQM: upload skipped
    `,
  ),
  kind(
    'old server in a cellar',
    {
      src: (random) =>
        random.chance(0.5)
          ? `${random.int(20, 220)}.${random.int(1, 254)}.${random.int(1, 254)}.${random.int(1, 254)}`
          : `${random.letters(5)}-${random.digits(3)}.${random.letters(6)}.example.${random.pick(['net', 'com', 'br'])}`,
      user: mostly(0.7, ['root'], ['guest', 'test', 'news', 'cyrus', 'lp']),
      svc: ['cups', 'named', 'gpm', 'portmap', 'xfs', 'smartd', 'hcid', 'sdpd', 'httpd', 'mysqld', 'anacron', 'crond'],
    },
    `
    3000 check pass; user not known
    2800 login refused; logname= uid=0 euid=0 tty=term ruser= rhost=<src>
    1200 login refused; logname= uid=0 euid=0 tty=term ruser= rhost=<src>  user=<user>
    1400 connection from <src> () at <ctime>
    600 connection from <src> (<src>) at <ctime>
    500 transfer log in: ANONYMOUS LOGIN FROM <src>, (anonymous)
    450 session opened for user <user> by (uid=<int>)
    450 session closed for user <user>
    300 ALERT exited badly with [<n>]
    200 <svc> startup succeeded
    90 <svc> shutdown succeeded
    30 <svc> shutdown failed
    100 timed out connecting to <src>
    80 getpeername (in.ftp): Transport endpoint is not connected
    60 couldn't take lease of '<src>'
    50 klogd 1.4.1, ---------- replaying from <word> ----------
    20 ACPI: disabled, as BIOS of <date> is too old
    16 hda: <int> sectors (<int> MB) w/<int>KiB Cache, CHS=<int>/<int>/<int>, UDMA(<int>)
    16 usb <n>-<n>: new full speed device using uhci at address <n>
    12 Out of memory: ended process <int> (httpd)
    10 VFS: Disk quotas dquot_<n>.<n>.<n>
    6 isapnp: Scanning for cards...
    6 isapnp: No cards found
    3 Loaded <int> symbols from /boot/System.map.
    2 Probing IDE port ide<n>...
    1 apm: BIOS version <n>.<n> Flags <hex> (Driver version 1.16ac)
    1 Initializing random number generator:
    1 Real Time Clock Driver v1.12
    1 mice: one mouse for all mice
    1 Freeing unused memory: <int>k freed
    1 SELinux: Registering hooks
    1 SELinux: off at boot
    1 TCP bind hash table entries: <int> (order: <n>, <int> bytes)
    1 TCP established hash table entries: <int> (order: <n>, <int> bytes)
    `,
  ),
  kind(
    'handset',
    {
      bool: ['true', 'false'],
      app: mostly(
        0.6,
        ['com.example.launcher'],
        ['com.example.mail', 'com.example.maps', 'org.example.chat', 'com.example.camera.pro'],
      ),
      obj: (random) => `com.example.view.Sheet$Layer@${random.hex(7)}`,
      tok: (random) =>
        `Token{${random.hex(7)} Card{${random.hex(7)} u0 com.example.mail/.ui.Inbox t${random.int(1, 300)}}}`,
      flags: (random) => `0x${random.hex(random.int(1, 8))}`,
      vol: ['STREAM_RING', 'STREAM_MUSIC', 'STREAM_ALARM', 'STREAM_CALL', 'STREAM_SYSTEM', 'STREAM_DTMF'],
      rect: (random) =>
        `Rect(${random.int(0, 100)}, ${random.int(0, 100)} - ${random.int(100, 1200)}, ${random.int(100, 2000)})`,
      text: mostly(0.5, ['null'], ['Weather', 'New message', 'Back to home', 'Do not disturb is on']),
      plug: ['none', 'usb', 'ac'],
      level: (random) => random.pick(['-1.0', `0.${random.digits(3)}`]),
      uid: ['1000', '1000', '1000', '10113', '10111'],
    },
    `
    2500 holdWake lock=<int>, flags=<flags>, tag="View Lock", name=android, ws=null, uid=<uid>, pid=<int>
    2300 dropWake lock=<int>, flags=<flags>, tag="View Lock", name=android, ws=null, uid=<uid>, pid=<int>
    1400 dropWake lock=<int> [tag="*job*/<app>"], flags=<flags>
    900 ready=<bool>,policy=<n>,wakeful=<n>,mask=<flags>,boost=false,user=<bool>
    800 visible is card.<app> realSize is <int>
    700 Dropping touch, no window at <decimal>, <decimal>
    600 setSheetFlags: <flags>
    500 computeFrame: sheet=<obj> frame=<rect> inset=<rect>
    400 card=<tok> is idle, now=<bool>
    350 volume of <vol> goes from <n> to <n>, flags:<n>
    300 text=<text>
    280 bind: id=<n>, tag=<text>, key=<n>|<app>|<int>|<text>|<int>
    250 start u0 {act=view.MAIN cat=[view.HOME] flg=<flags> cmp=<app>/.Start} from uid <uid> on display 0
    200 Killing <int>:<app>/u0a<int> (adj <int>): empty for <int>s
    200 Process <app> (pid <int>) has died
    180 battery: level=<int>, temp=<int>, volt=<int>, plug=<plug>
    180 brightness <decimal> -> <level>
    70 getRunning: caller <int> does not hold REAL_RUNNING; limiting output
    50 ANR in <app>, reason: Input dispatching timed out (<int> ms)
    40 sensor <n> on, rate <int>us
    40 sensor <n> off
    20 onUnlock
    20 onLock
    15 Skipped <int> frames! Too much work on the main thread.
    3 night mode goes from <n> to <n>
    1 Time zone set to Europe/Paris
    `,
  ),
  kind(
    'step counter',
    {
      parts: (random) => Array.from({ length: 6 }, () => random.digits(random.int(1, 9))).join('##'),
      ext: (random) => `${random.int(1, 9)},${random.int(0, 1)},${random.int(0, 1)}`,
    },
    `
    3000 onWalk <int> <int>
    2800 setDaySum=<parts>
    2500 todaySum = <parts>
    2000 sumAt <big> is <int> (<int>)
    1200 report : <int> <int> <int> <int>
    800 flush <int> rows since <big>
    700 flush 0 rows
    400 SCREEN_ON
    380 SCREEN_OFF
    200 onAltitude <int> skipped -<int>
    100 calories <decimal>, metres <decimal>
    100 writeOne type=<int>, at=<big>
    60 alarm in <int> ms
    40 sync ext=<ext>
    30 day turned: <date>
    20 goal <int> reached at <time>
    10 goal not set, user=
    6 sensor lost
    4 sensor found after <n> tries
    2 db upgraded from <n> to <n>
    1 init core v<n>
    `,
  ),
  kind(
    'forward proxy on a desktop',
    {
      prog: (random) => `${random.pick(['chrome', 'chrome', 'chrome', 'mailer', 'sync'])}.exe`,
      bits: ['', ' *64'],
      dest: (random) =>
        `${random.letters(5)}.${random.letters(7)}.example.com:${random.pick(['443', '443', '80', '5222'])}`,
      bytes: (random) => {
        const n = random.int(0, 100_000)
        return n < 1024 ? `${n} bytes` : `${n} bytes (${(n / 1024).toFixed(1)} KB)`
      },
      life: (random) =>
        random.pick([
          'under 1 s',
          `${random.int(0, 9)}:${random.digits(2)}`,
          `0${random.int(0, 9)}:${random.digits(2)}`,
        ]),
    },
    `
    3000 <prog><bits> - <dest> end, <bytes> out, <bytes> in, open for <life>
    2800 <prog><bits> - <dest> begin via gate.example.org:3128 HTTPS
    300 <prog><bits> - <dest> begin without gate
    250 <prog><bits> - <dest> failed: Gate refused tunnel - status <int>
    150 <prog><bits> - <dest> failed: Cannot reach gate gate.example.org:3128
    20 <prog><bits> - <dest> failed: Gate closed the tunnel early
    4 rules loaded: <n>
    `,
  ),
]
