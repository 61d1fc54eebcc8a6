import { kind, mostly } from './kind.ts'
import type { Random } from './random.ts'

const signed = (random: Random): string => `${random.chance(0.5) ? '-' : ''}${random.digits(19)}`
const slashed = (random: Random): string =>
  `/10.${random.int(0, 255)}.${random.int(0, 255)}.${random.int(1, 254)}:${random.pick([40010, 40010, random.int(1024, 65535)])}`
const sometimes = (share: number, part: string) => (random: Random) => (random.chance(share) ? part : '')

/** Put aside: large systems and small ones, one template for each print statement, as their authors would label them. */
export const heldOutFleets = [
  kind(
    'store of slabs',
    {
      slab: (random) => `slab_${signed(random)}`,
      slabs: (random) => Array.from({ length: random.int(1, 9) }, () => `slab_${signed(random)}`).join(' '),
      at: slashed,
      ats: (random) => Array.from({ length: random.int(1, 3) }, () => slashed(random)).join(' '),
      out: (random) =>
        `/home/${random.pick(['root', 'root', 'etl', 'mining'])}/${random.pick(['gen', 'sort', 'rank2'])}/_tmp/_try_20${random.digits(10)}_000${random.int(1, 9)}_m_00${random.digits(4)}_${random.int(0, 3)}/piece-0${random.digits(4)}`,
      size: (random) => random.pick(['134217728', '134217728', String(random.int(90, 134217727))]),
      exc: (random) =>
        random.pick([
          'java.io.EOFException',
          'java.io.IOException: Broken pipe',
          'java.net.SocketTimeoutException: no answer within 60000 millis',
          `java.io.IOException: lost ${slashed(random)} amid a packet`,
        ]),
      cmd: ['open', 'create', 'mkdirs', 'list', 'rename', 'delete'],
      nul: mostly(0.7, ['null'], ['/home/root/gen', '/tmp/x']),
      user: mostly(0.7, ['root'], ['etl', 'hue', 'mining']),
      node: (random) => `NS-${random.int(1, 2_000_000_000)}-10.1.${random.int(0, 9)}.${random.int(1, 99)}-40010`,
      dir: ['/data/1/slabs', '/data/2/slabs', '/mnt/big/slabs/current'],
      ratio: (random) => `0.${random.digits(4)}`,
    },
    `
    6000 Intake <n> for <slab> finished
    5500 Intake of <slab> begins, from <at> to <at>
    5300 <slab> of length <size> came in whole from /<ip>
    5200 MAP* Keeper.record: <at> has <slab>, length <size>
    1900 MAP* Keeper.allot: <out>. <slab>
    1700 <at> handed out <slab> to /<ip>
    1500 <at>:Trouble while handing out <slab> to /<ip>:
    900 MAP* Keeper.forget: <slab> waits to be wiped on <at>
    850 Wiping <slab> at <dir>/<slab>
    500 Scrub of <slab> found nothing wrong
    400 who=<user> from=/<ip> what=<cmd> path=<out> to=<nul>
    200 MAP* tells <at> to clone <slab> to <ats>
    150 MAP* tells <at> to wipe <slabs>
    90 intake of <slab> broke with <exc>
    60 Nothing known of <slab>, cannot wipe it.
    50 MAP* Keeper.record: needless record of <slab> by <at>, length <size>
    40 Intake <n> for <slab> was cut short.
    25 Intake <n> for <slab> broke: <exc>
    20 Seeking in <slab> from <int> to <int>, checksums to <int>
    15 Clone of <slab> to <at> begins
    12 <at>:Cloned <slab> to <at>
    9 <at>:Could not clone <slab> to <at>: java.io.IOException: Broken pipe
    6 No heartbeat of <at>
    5 Keeper.join: <at> brings store <node>
    4 New member /row<n>/<ip>:40010
    3 Read only: share of slabs told is <ratio>, wanted 0.9990.
    2 Read only ends in <int> seconds.
    2 Told of <int> slabs in <int> msecs
    1 Journal turned over, <int> edits in <int> ms
    1 Scrubber is up
    `,
  ),
  kind(
    'mill of batch jobs',
    {
      job: (random) => `job_1445${random.digits(9)}_00${random.int(10, 20)}`,
      task: (random) => `task_1445${random.digits(9)}_0011_${random.pick(['m', 'r'])}_0000${random.int(10, 99)}`,
      tryid: (random) =>
        `try_1445${random.digits(9)}_0011_${random.pick(['m', 'm', 'r'])}_0000${random.int(10, 99)}_${random.pick([0, 0, 0, 1000])}`,
      cell: (random) => `cell_1445${random.digits(9)}_0011_01_0000${random.int(10, 99)}`,
      host: ['MINRA-05', 'MINRA-75DGD', 'fan04.grain.example.com', '2xK41-09'],
      at: (random) =>
        `${random.pick(['MINRA-05', 'MINRA-75DGD', 'fan04.grain.example.com'])}:${random.int(40000, 65000)}`,
      ratio: (random) => `${random.int(0, 1)}.${random.digits(random.int(1, 9))}`,
      res: (random) => `<mem:${random.int(0, 30) * 1024}, cores:${random.chance(0.5) ? '-' : ''}${random.int(0, 30)}>`,
      evt: ['CELL_REMOTE_OPEN', 'CELL_REMOTE_CLOSE'],
      cls: (random) =>
        `class org.example.mill.app.${random.pick(['job.event.JobEvent', 'job.event.TaskEvent', 'job.event.TryEvent', 'guess.Guesser', 'rm.Allotter', 'open.Opener'])}$Kind`,
      disp: (random) =>
        `class org.example.mill.app.Main$${random.pick(['JobRouter', 'TaskRouter', 'TryRouter', 'GuessRouter'])}`,
      diag: [
        'Cell closed by the master.',
        'Cell closed by the master.\nExit code is 143',
        'Cell closed by the master.\nExit code is 143\nCell exited with a non-zero exit code 143',
      ],
    },
    `
    3000 No connection to <at> yet, <n> of 10 tries used; policy is FixedSleep(tries=10, sleep=1000 MILLISECONDS)
    2200 try <tryid> stands at <ratio>
    1500 Lease of [WRITER_<int>_<n>] not renewed for <int> seconds. Next try soon ...
    1300 Name now means another address. Was: <at> Is: <host>/<ip>:<port>
    1100 MASTER OUT OF REACH.
    700 Round begins: WaitingReds:<n> PlannedMaps:<n> PlannedReds:<n> GivenMaps:<n> GivenReds:<n> DoneMaps:<n> DoneReds:<n> CellsIn:<n> CellsOut:<n> Near:<n> SameRow:<n>
    400 Wants of <job>: ask=<n> back= <n> fresh=<n> ended=<n> room=<res> members=<n>
    380 Making a new plan, room=<res>
    360 Too few maps done to begin reducing. mapsWanted <n>
    260 <tryid> Try went from NEW to UNPLACED
    250 <tryid> Try went from UNPLACED to PLACED
    240 <tryid> Try went from PLACED to RUNNING
    160 <tryid> Try went from RUNNING to GOOD_SWEEP
    150 <tryid> Try went from GOOD_SWEEP to GOOD
    30 <tryid> Try went from RUNNING to BAD_SWEEP
    240 <task> Task went from NEW to PLANNED
    230 <task> Task went from PLANNED to RUNNING
    150 <task> Task went from RUNNING to GOOD
    200 Opening <tryid>
    190 Going through gate : <at>
    180 Shuffle port given for <tryid> : 15562
    170 Begin: [<tryid>] in cell: [<cell>] at [<at>]
    160 Got an event of kind <evt> for cell <cell> try <tryid>
    150 Gave cell <cell> to <tryid>
    130 Worker : vm_1445<big>_0011_m_<int> has nothing to do
    120 Worker: vm_1445<big>_0011_m_<int> got: <tryid>
    110 End of <tryid>
    105 Task ended by <tryid>
    90 <host> is in /default-row
    60 Tasks ended so far: <n>
    50 Last words of <tryid>: <diag>
    30 Event for a cell nobody knows, <cell>
    20 Binding <cls> to <disp>
    18 TRY_DROPPED <tryid>
    8 CLOSING <tryid>
    8 [<tryid>] went wrong on <host>, shunned are <n> of <n>
    4 <job>Job went from NEW to READY
    4 <job>Job went from READY to SETUP
    4 <job>Job went from SETUP to RUNNING
    3 Flush of writer took <int>ms (bound is 30000ms); ack: no: <int> status: GOOD status: BAD downstream: 0
    2 Writer broke
    2 Closing port <port>
    1 Committer is the new one.
    1 Committer in config is null
    1 Bytes for <job> = <big>. Splits = <int>
    1 Serving pages at port <port>
    1 Started Pages$SelectorWithStartup@0.0.0.0:<port>
    1 largest cell: <res>
    1 queue: default
    `,
  ),
  kind(
    'basin of racks',
    {
      dump: (random) => `dump-${random.int(1, 30000)}.gz`,
      loc: (random) =>
        `K${random.int(0, 7)}${random.int(0, 7)}-S${random.int(0, 1)}-B${random.hex(1).toUpperCase()}-L:P${random.int(2, 17)}`,
      bin: (random) =>
        `/fs/${random.pick(['a1', 'a2'])}/${random.pick(['ruiz', 'ruiz', 'kassem', 'glee'])}/${random.pick(['sweep', 'mesh/tests', 'raptor'])}/${random.pick(['run.x', 'go', 'flow3'])}`,
      link: ['a+', 'a-', 'b+', 'b-', 'c+', 'c-'],
      dots: (random) => '.'.repeat(random.int(5, 30)),
      yes: ['0', '1'],
      svc: ['fuses', 'boardMap', 'clocks', 'jtag'],
      state: ['taken', 'down', 'spare'],
      bare: (random) => random.hex(8),
      msg: ['Peer hung up', 'No route to host', 'Connection timed out', 'Connection refused'],
      regs: (random) =>
        Array.from({ length: 4 }, () => `g${String(random.int(0, 31)).padStart(2, '0')}=0x${random.hex(8)}`).join(' '),
      long: (random) => `0x${random.hex(32)}`,
    },
    `
    5200 dumped to <dump>
    2300 parity of code cache put right
    1600 <int> split loads counted
    1300 gate: header expected on stream of <addr>
    900 <int> split stores counted
    850 MEM sym <n>, row <hex>, lanes <hex>
    700 sum of <n> memory flip(s) noticed and mended
    650 <n> memory flip(s) noticed and mended on rank 0, sym <n>, lane <int>
    420 gate: no header after GREET_MESSAGE on stream of <addr>: <msg>
    400 store page trap
    380 <n> cache flip(s) (reg <hex>) noticed and mended within <int> seconds
    300 mesh input <link> line flip(s) (reg <hex>) noticed and mended
    220 mesh output <link> line flip(s) (reg <hex>) noticed and mended within <int> seconds
    200 load page trap
    180 tree input <n> sync flip(s) (reg <hex>) noticed and mended
    160 gate: cannot enter <bin>: No such file or directory
    120 gate: cannot start <bin>: image missing or broken, No such file or directory
    90 gate: cannot start <bin>: image missing or broken, Permission denied
    80 gate: no place list in <bin>: Bad file descriptor
    60 check trap: fetch<dots><yes>
    55 check trap on<dots><yes>
    50 fetch ahead depth<dots><yes>
    50 fetch ahead bound<dots><yes>
    40 wait on trace<dots><yes>
    40 endian<dots><yes>
    36 setup register: <hex>
    30 cause register: <hex>
    30 mode register: <hex>
    28 registers follow:
    26 <regs>
    24 node: kernel left with cause <int>
    20 node gave up! - halting
    16 code trap: late fault<dots><yes>
    16 code trap: kernel opcode<dots><yes>
    16 code trap: no such opcode<dots><yes>
    14 lr:<bare> cr:<bare> xer:<bare> ctr:<bare>
    12 Board is only partly usable
    10 Heat probe <n> of board is mute
    9 Link card is Too Hot
    8 No data sheet for board
    7 Switch::<svc> left the link of <loc> as it was
    6 feeder: <svc>(): no answer at port <n>
    6 Block <loc> is <state> now
    5 user mode (0=no,1=yes)<dots><yes>
    4 mem: Cannot route around <loc>, rank 0, sym <n> - sym <n> is routed around already
    4 Cache means: #ofDirty: <int> of 1024 #ofDirtyHalf: <int> of 4096 (<decimal>)
    3 f<int>=<long> <long>
    2 Chip at <ip> is of another state since <ctime>
    2 Chip entered into the list: FF:F2:<mac> Unit <n>
    1 halted
    1 waking up...
    1 more traps of this sort go untold
    `,
  ),
  kind(
    'slate',
    {
      pkg: mostly(0.6, ['org.slate.home'], ['org.slate.chat', 'com.fern.maps', 'org.slate.dialer', 'org.slate.bars']),
      uid: (random) => String(random.pick([1000, 1000, 10111, 10037])),
      held: (random) => random.digits(9),
      tag: mostly(0.5, ['"Screen Hold"'], ['"*start*"', '"RadioAck"', '"*clock*:org.slate.chat.PING"', '"Mixer"']),
      src: mostly(0.7, ['null'], ['For{10113}', 'For{10111 org.slate.chat}']),
      win: (random) =>
        `Pane{${random.hex(7)} u0 ${random.pick(['TopBar', 'BottomBar', 'org.slate.home/org.slate.home.Start', 'Popup:317e46'])}}`,
      tok: (random) => `Token{${random.hex(7)} Page{${random.hex(7)} u0 org.slate.home/.Start t${random.int(1, 999)}}}`,
      page: (random) =>
        `Page{${random.hex(7)} u0 ${random.pick(['org.slate.chat/.Main', 'com.fern.maps/.Route'])} t${random.int(1, 999)}}`,
      stack: (random) =>
        `Stack{${random.hex(7)} #${random.int(1, 999)} A=${random.pick(['org.slate.chat', 'com.fern.maps'])} U=0 sz=${random.int(1, 3)}}`,
      remote: (random) => `slate.os.Remote@${random.hex(7)}`,
      bool: ['true', 'false'],
      vis: ['SHOWN', 'GONE', 'HIDDEN'],
      zen: ['0', '1'],
      mask: (random) => random.hex(8),
      rect: (random) => `Rect(0, 0 - ${random.pick([1080, 1920])}, ${random.pick([1920, 1080, 63])})`,
      key: (random) => `0|org.slate.${random.pick(['chat', 'dialer'])}|${random.int(1, 99)}|null|10${random.digits(3)}`,
      act: (random) => `slate.action.${random.pick(['LIT', 'DARK', 'POWER_CHANGED', 'MINUTE', 'USER_THERE'])}`,
      stream: ['OUT_MUSIC', 'OUT_RING', 'OUT_CALL'],
      dead: sometimes(0.4, ' (died)'),
    },
    `
    2600 sweep: <win> of <tok>
    2400 take hold=<held>, bits=<hex>, tag=<tag>, by=<pkg>, for=<src>, uid=<uid>, pid=<int>
    2300 give hold=<held>, bits=<hex>, kept=<int>ms
    1900 up=<bool>,plan=<n>,awake=<n>,holds=<hex>,acts=<hex>,booted=<bool>,boost=<bool>,near=<bool>,hand=<int>,auto=<n>,adj=<decimal>by=<uid>
    1500 lightsChanged: lit = <bool>, by = <int>
    1200 showAs <vis>, moving=<bool>
    900 tap outside: <win>
    700 edged=<bool>, mEdge=<bool>
    600 Not drawn, cause: <n>, top=<pkg>
    500 turned by <uid>, old side=<n> new side=<n>
    450 screenState: plan=<n>
    400 noOptions: for <page>
    350 listStacks: <uid> may not see all; cut short
    300 raise <stack> because=<word>
    280 barsOf: vis=<mask> mask=<mask> full=<rect> half=<rect>
    260 Ending <int>:<pkg>/u0a<int> (rank <int>): spare #<int>
    240 Begin <int>:<pkg>/u0a<int> for service <pkg>/.Sync
    230 Process <pkg> (pid <int>) is gone<dead>
    220 Passing <act> to <pkg>
    180 heard: <act>
    160 dropNotice key=<key> because=<n>
    150 put notice key=<key> rank=<int> seen=<bool>
    120 Loudness of <stream> is <n> by <pkg>
    100 Track(<hex>) broke, again: flush no <n>
    80 zen=<zen> was <zen>
    70 listProcesses: <uid> sees <int> of <int>
    60 poke at <int>, kind=<n>, bits=<hex>, uid=<uid>
    50 cell level <int>, health <n>, plug <n>, heat <int>
    40 Asked for sweep, <int>(<int>KB) small, <n>(<int>KB) large, <int>% free, <int>MB/<int>MB, stood <decimal>us in all <decimal>ms
    30 <pkg> resumes while <pkg> has not paused
    20 Handling took <int>ms on main h=slate.app.Loop$H c=<remote> m=<int>
    16 foldPanel: bits=<n>
    14 foldPanel: nothing to fold
    12 radio: unasked answer <int>, <int> bytes
    10 No channel for notice <key>, dropped
    8 <pkg> has no thread
    6 Screen 0 redraws at <int> fps
    5 mobile data is on
    4 found <int> networks
    3 Home is idle
    1 Counted ops of <uid> anew
    1 boot is complete
    `,
  ),
  kind(
    'upkeep of a desktop',
    {
      sess: (random) => `3032${random.digits(4)}_${random.digits(10)}`,
      bundle: (random) =>
        `Set_of_FX${random.int(2_400_000, 3_900_000)}_${random.pick(['REL', 'SP1', 'GM'])}~31bf3856ad364e35~x64~~6.1.${random.int(1, 3)}.${random.int(0, 9)}`,
      state: ['None', 'Copied', 'Active', 'Replaced'],
      code: mostly(0.6, ['0x00000000 - OK'], ['0x800f0805 - E_BAD_SET', '0x80070002 - NO_FILE']),
      fits: ['Fits', 'DoesNotFit', 'Replaced'],
      client: mostly(0.7, ['Updater'], ['SPX', 'Set Manager', 'TrustedSetup']),
      ref: (random) => `@0x${random.hex(random.int(5, 7))}`,
      moment: (random) =>
        `201${random.int(5, 8)}/${random.int(1, 12)}/${random.int(1, 28)}:${random.int(0, 23)}:${random.int(10, 59)}:${random.int(10, 59)}.${random.digits(3)}`,
      seq: (random) => `0000${random.hex(4)}`,
      path: (random) =>
        `\\??\\C:\\System\\Sets\\${random.hex(16)}\\${random.letters(6)}.${random.pick(['dll', 'sys', 'mum'])}`,
      yes: ['yes', 'no'],
    },
    `
    6000 UPK    Core v6.1.7601.<int> is in use: C:\\System\\Sets\\x64_upkeep_31bf_6.1.7601.<int>_none_<hash>\\core.dll
    3500 SET <seq>@<moment> Tree opened for writing at <ref>
    3000 UPK    Answer kept from before for set: <bundle>, Fit: <n>, Now:<n>
    2600 UPK    Session: <sess> opened by <client>.
    2400 SET <seq> New transaction (no <int>) gave 0x00000000, handle <ref>
    2200 SET <seq>@<moment> timings:
    1500 SET <seq>ITree@2{l:<int> b:<hash>}
    1400 UPK    At start: <bundle>, state: <state>, waits: <yes>, fit: <n>
    900 UPK    Odd attribute in the set's sheet.
    880 UPK    An attribute was due [R = <code>]
    700 UPK    No further element [R = <code>]
    500 UPK    TEL: Nothing sent of C:\\System\\upkeep\\tel\\*_one.tel, bits: <hex> [R = 0x80004005 - E_FAIL]
    400 UPK    TEL: Clearing reports older than <int> days.
    300 UPK    TEL: Asking to send what is left.
    250 UPK    TEL: <n> file(s) wait to be sent of C:\\System\\upkeep\\tel\\*_all.tel, bits: <hex>
    200 UPK    Late: Looking whether work was left at start.
    190 UPK    Late: No work was left, as hoped.
    150 SET <seq> <n> steps, <n> of them without locks, are:
    140 SET <seq> Cookie of the store is that of the last sweep, no sweep.
    120 UPK    Set <bundle> <fits>
    100 UPK    Sweep: Begins
    95 UPK    Sweep: Ended, outcome: 0X<n>
    60 UPK    Fit: parent found, Set: <bundle>, Parent: <bundle>, Outcome = Found, Version: EQ, Build: GE
    60 UPK    Fit: Looking at <bundle>, fit so far: <state>
    50 UPK    Main loop ends.
    45 UPK    Main loop begins.
    40 UPK    Last touches end.
    40 UPK    Last touches begin.
    30 UPK    Restart mark is held by: <n>
    25 UPK    Idle thread ended well
    20 SET <seq> [FIX] Looking at <int> (<hex>) parts
    20 SET <seq> [FIX] Looked at all
    16 SET <seq> [FIX] Cannot mend file [l:<int>{<n>}]"<word>.dll" of <word>-Core, Version = 6.1.7601.<int>, cpu = x64, wrong hash
    10 UPK    Trees: No opening of <path> [R = <code>]
    8 SET Hive of <path> read in <int> ms
    4 UPK    Restart mark not written [R = 0x80070005 - E_DENIED]
    2 UPK    Nothing to do at start, service stays manual
    1 UPK    Told to end by the system
    `,
  ),
  kind(
    'laptop in a bag',
    {
      net: mostly(0.7, ['en0'], ['en4', 'awl0', 'bridge0']),
      app: mostly(0.4, ['Browser'], ['Mail', 'Calendar', 'QuickNote', 'storeagent', 'Tunes']),
      agent: (random) => `com.pear.${random.pick(['web.Networking', 'mail', 'finder', 'loadsession', 'cts'])}`,
      act: (random) => `com.pear.Net.${random.hex(8)}-${random.hex(4)}`,
      thread: (random) => `[0x${random.hex(9)}]`,
      host: ['kestrel-lap', 'cal-admin-102', 'air.campus.example'],
      why: ['[Lid]', '[Timer]', '[Network]', '[USB]'],
      wake: ['WLAN (Network)', 'EC.Lid (User)', 'RTC (Alarm)', 'USB1 ()'],
      secs: (random) => `${random.int(0, 90000)}.${random.digits(6)}`,
      ssid: ['CampusNet', 'roam', 'Kestrel 5G'],
      sort: ['Short Sleep', 'Idle Sleep', 'Lid Sleep', 'Asked Sleep'],
      err: (random) =>
        random.pick([
          'Error Domain=PearURLDomain Code=-1001 "Too slow." Info={Under=0x7f8, Key=-2102}',
          'Error Domain=PearURLDomain Code=-1009 "No network."',
          '(null)',
        ]),
      res: ['0x0', '0x2', '0xe00002ed'],
      bundle: (random) => `/Applications/${random.pick(['Browser', 'Mail', 'Text Edit', 'Grand Chess'])}.app`,
      local: (random) =>
        `fe80:${random.int(1, 9)}::${random.hex(4)}:${random.hex(3)}:${random.hex(4)}:${random.hex(2)}`,
      dns: (random) =>
        Array.from({ length: random.int(1, 3) }, () => `137.18.${random.int(0, 255)}.${random.int(1, 254)}`).join(' '),
      driver: (random) => `com.${random.pick(['tanager', 'parrot', 'pear'])}.driver.${random.letters(5)}`,
    },
    `
    1500 Cable seen on <net>
    1300 WLAN: <secs>: w0: scanned channel <int>
    1200 WLAN: <secs>: AirDriver::power: WWEN[on]
    900 This machine is "<host>"
    850 Answer to power took <int> ms (<int>, <word>d)
    800 <app>[<int>] wakes the processor too often. Seen (per sec): <int>; Allowed (per sec): <int>; Watched: <int> seconds; In its life: <int>
    700 <thread> Link <n>: greeted
    650 Load <<uuid>>.<<n>> broke off (code: -<int> [<n>:<int>])
    600 tls_session_done_block <int> __tls_session_write_block.<int> error <int>
    500 Woken by: <wake>
    480 Slept last for cause: <n>
    420 Portal: [Info:<int>] <net>: SSID '<ssid>' comes first (known to have no portal)
    400 <net>: Key packet in (length = <int>)
    380 CLOCK: asking, <n>, <n>, <n>, <n>, <int>, items, fTries, <n>, fLast, <decimal>
    340 Air: Down on <net>. Cause <n> (The station left).
    330 Air: Up on <net>
    320 <net>::Port80211::post station changed
    300 nat_state_post turned state <hex> into <hex>
    280 lease: <net> for <int> s, dns <dns>
    260 [<act>] held awake by <agent> for <int> s
    240 Going to sleep: <sort>
    220 Half awake from <sort> <why>
    200 stub deliver ERROR: write(<int>) GONE
    180 No push service: <err>
    160 inputd took <int> ns for <app>
    150 unlink6: address <hex> without prefix
    140 BT: other side wants role <n>
    130 Box: <app>(<int>) deny(1) read-file <bundle>
    120 Box: <app>(<int>) deny(1) look-up <agent>
    110 all awake (cause <n>) <int> ms
    100 <app>: tile <hex> broke with <res>
    90 Stick Identifier: <hash> <hex> <hex> <hex>, <n>
    80 PearCam::on: <hex>
    70 PearCam::off: <hex>
    60 No start item in <bundle>
    50 GPU hung, no <n> on ring <int>
    40 driver <driver> is ill signed, taken anyway
    35 neighbours: <local> twice on <net>
    30 name: <host>.local is taken
    25 Doing of <app> ended
    20 pagesForImage took <int> ms
    16 image of memory at /var/vm/image
    12 Backup: later, on battery
    10 Finder: <int> files read in <secs> s
    8 Calendar <word> left alone: <err>
    6 screens: <n>, were <n>
    5 DeviceEntry leave
    5 DeviceEntry enter
    4 power: <app> said no to sleep
    3 heat level <n>
    2 Clock set back by <secs> s
    1 Bluetooth: all idle
    1 disk check was clean
    1 Lid opened
    1 Lid shut
    `,
  ),
]
