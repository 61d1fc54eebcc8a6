import { kind, mostly } from './kind.ts'

/** Put aside: daemons of invented clusters and clouds. A few templates have most lines, many have a handful. */
export const heldOutDaemons = [
  kind(
    'seed vaults',
    {
      shard: (random) => `shd.${random.chance(0.6) ? '-' : ''}${random.digits(17)}`,
      peer: (random) =>
        `/172.16.${random.int(0, 60)}.${random.int(1, 254)}:${random.pick(['7070', '7070', random.digits(5)])}`,
      peers: (random) => Array.from({ length: random.int(1, 4) }, () => `172.16.3.${random.int(1, 99)}:7070`).join(' '),
      user: mostly(0.95, ['root'], ['ingest', 'nightly']),
      path: (random) => `/vault/root/_stage/_try_${random.digits(8)}_${random.int(0, 3)}/slice-${random.digits(5)}`,
      bytes: mostly(0.8, ['33554432'], ['1771011', '90122', '2871', '28474']),
    },
    `
    9000 Pulling <shard> from <peer> into <peer>
    8800 Ack thread <n> for <shard> ends
    8800 Pulled <shard> of <bytes> bytes out of <peer>
    8600 INDEX* ShardMap.put: <peer> now holds <shard>, length <bytes>
    3000 INDEX* ShardMap.reserve: <path>. <shard>
    2500 INDEX* ShardMap.drop: <shard> queued for erasure on <peer>
    2500 Erasing <shard> at /mnt/v<n>/live/sub<int>/<shard>
    1100 Checksum of <shard> matches
    600 <peer> Gave <shard> to <peer>
    500 <peer>:Caught exception giving <shard> to <peer>:
    60 Pulling <shard> from <peer> into <peer> length <bytes>
    40 Could not erase <shard>. No entry in shardMap.
    30 Ack thread <n> of <shard> broke: java.net.SocketTimeoutException: <int> millis without a write on java.nio.channels.SocketChannel[connected local=<peer> remote=<peer>]
    20 storeShard <shard> raised java.io.IOException: Connection reset by peer
    20 storeShard <shard> raised java.io.IOException: Premature end of input
    12 Second open of <shard> in append mode
    10 INDEX* tell <peer> to mirror <shard> on <peers>
    10 INDEX* tell <peer> to forget <peers>
    6 INDEX* ShardMap.put: refused <shard> of <peer> size <bytes> since no file owns it
    3 Offset of <shard> moves from <int> to <int> and that of its meta part to <int>
    2 index lock held for <ms> by <user>
    `,
  ),
  kind(
    'crew scheduler',
    {
      try: (random) =>
        `try_1617${random.digits(8)}_00${random.digits(2)}_${random.pick(['a', 'a', 'b'])}_0000${random.digits(2)}_${random.int(0, 2)}`,
      step: (random) => `step_1617${random.digits(8)}_00${random.digits(2)}_a_0000${random.digits(2)}`,
      crate: (random) => `crate_1617${random.digits(8)}_00${random.digits(2)}_01_0000${random.digits(2)}`,
      host: (random) => `DOCK-${random.pick(['7GHT', 'V1', 'QD2', 'ZX'])}.hall${random.int(1, 3)}.example.com`,
      evt: ['ShiftEventType', 'StepEventType', 'TryEventType', 'GuessEvent', 'SealEvent', 'BoardEvent'],
      disp: ['ShiftRouter', 'StepRouter', 'TryRouter', 'GuessRouter', 'SealRouter', 'BoardRouter'],
      ratio: (random) => `0.${random.digits(random.int(1, 8))}`,
      res: (random) => `<mem:${random.int(0, 20) * 1024}, cores:${random.int(-27, 9)}>`,
      obj: (random) => `com.example.crew.Foreman$Seat@${random.hex(7)}`,
    },
    `
    5000 Step try <try> has come to : <ratio>
    2500 Host moved. Was: <host>/<ip>:9100 Is: <host>:9100
    2400 Dialing <host>:<port> again. <n> dials so far; rule is UpToLimitWithPause(limit=10, pause=1000 MILLISECONDS)
    900 Could not extend lease of [Crew_NONSHIFT_<big>_<n>] since <int> seconds. Trying again soon ...
    600 CANNOT REACH HARBOUR.
    500 <try> Try Moved from FRESH to HOMELESS
    450 <try> Try Moved from HOMELESS to HOUSED
    430 <try> Try Moved from HOUSED to AT_WORK
    200 <try> Try Moved from AT_WORK to DONE_SWEEPING
    180 <try> Try Moved from DONE_SWEEPING to DONE
    300 <step> Step Moved from FRESH to PLANNED
    250 <step> Step Moved from PLANNED to AT_WORK
    240 Planning anew, spare=<res>
    240 Late start not due yet. finishedFirstSteps <int>
    200 Put crate <crate> under <try>
    180 Crate order met: <crate>, Dock: <host>:<port>, Needs: <res>
    170 Handling event Kind: CRATE_REMOTE_OPEN for crate <crate> try <try>
    160 Handling event Kind: CRATE_REMOTE_CLOSE for crate <crate> try <try>
    150 Runtime with ID : rt_1617<big>_a_<int> wants a step
    150 Runtime with ID: rt_1617<big>_a_<int> gets step: <try>
    120 Tally: Waiting:<n> PlannedA:<int> PlannedB:<int> GivenA:<int> GivenB:<n> DoneA:<int> DoneB:<n> Opened:<int> Closed:<n> SameHost:<int> SameHall:<n>
    100 Last words of <try>: Crate closed by the foreman.
    80 Call handler <int> on <port>: up
    60 Steps finished: <int>
    40 Binding class com.example.crew.event.<evt> to class com.example.crew.Foreman$<disp>
    30 Seat <obj> left by Call handler <int>
    20 Sweeping failed after try <try>
    12 shift_<big>_<int>Shift Moved from FRESH to READY
    10 shift_<big>_<int>Shift Moved from READY to PREPARING
    8 shift_<big>_<int>Shift Moved from PREPARING to AT_WORK
    8 Shift shift_<big>_<int> reads <big> bytes. Pieces = <int>
    4 mounting route: /<word>/*
    3 Using the new sealer.
    2 Tally printed every <int> second(s).
    2 read settings from crew-metrics.properties
    2 Web face bound to port <port>
    1 Sealer set in settings null
    1 no request log is set for http.requests.foreman
    `,
  ),
  kind(
    'column engine workers',
    {
      size: (random) => `${random.int(1, 999)}.${random.int(0, 9)} ${random.pick(['B', 'KB', 'KB', 'MB', 'GB'])}`,
      slab: (random) => `slab_${random.int(1, 60)}_${random.int(0, 39)}`,
      bc: (random) => `gift_${random.int(0, 40)}${random.chance(0.4) ? '_lid0' : ''}`,
      wave: (random) => `${random.int(0, 30)}.0`,
      list: mostly(0.9, ['root, ana'], ['root', 'root, ana, ops']),
      old: ['piece.id', 'piece.try.id', 'shift.id', 'piece.is.map', 'piece.partition'],
      flag: mostly(0.9, ['off'], ['on']),
      cut: (random) => `vault://172.16.3.11:9100/ana/in/clicks.txt:${random.digits(7)}+${random.digits(7)}`,
      dur: (random) =>
        `${random.int(0, 9)}${random.chance(0.3) ? `.${random.digits(2)}` : ''} ${random.pick(['ms', 'ms', 's'])}`,
    },
    `
    4000 Slab <slab> kept in memory as rows (about <size>, left <size>)
    3000 Slab <slab> is here already
    2800 Starting piece <wave> of wave <wave> (PID <int>)
    2800 Ended piece <wave> of wave <wave> (PID <int>). Sent <int> bytes to the head
    2500 Was handed piece <int>
    900 Slab <slab> missing, making it
    700 Reading cut: <cut>
    600 Slab <bc> kept in memory as bytes (about <size>, left <size>)
    600 Fetching gift <int>
    600 Fetching gift <int> took <dur>
    300 Asking for <int> filled slabs of <int> slabs
    280 Opened <n> far reads in <dur>
    150 try_2019<big>_<n>_a_<int>_<int>: Sealed
    100 Wrote result of piece 'try_2019<big>_a_<int>' to vault://172.16.3.11:9100/ana/out/_stage/0/piece_2019<big>_a_<int>
    60 Clock: all = <int>, warm = -<int>, setup = <int>, end = <n>
    20 Readers are now: <list>
    20 Writers are now: <list>
    18 Guard: login <flag>; page guard <flag>; readers: Set(<list>); writers: Set(<list>)
    12 Calling the head: engine://Head@<addr>
    12 The head has taken us in
    10 Worker <n> begins on host rack-slave-<int>
    10 Listening on <port>
    10 Announcing SlabKeeper
    10 Announced SlabKeeper
    24 <old> is old. Use engine.<old>
    8 MemoryShelf opened with room for <size>
    8 Made local folder /var/engine/cache/ana/app_16<big>_<int>/slabs-<uuid>
    4 Log bridge started
    4 Listening for signals [TERM, HUP, INT]
    3 The head ordered a stop
    3 Stop hook ran
    1 No map of outputs for shuffle <n>, fetching it
    1 Asked <addr> for the map of outputs of shuffle <n>
    `,
  ),
  kind(
    'council of registers',
    {
      sid: (random) => `0x${random.int(1, 3)}${random.hex(14)}`,
      from: (random) => `/172.16.4.${random.int(11, 42)}:${random.int(30000, 60000)}`,
      state: mostly(0.9, ['SEEKING'], ['BACKING', 'CHAIRING']),
      my: ['1', '2', '3'],
      prop: [
        'java.vendor=Example Inc',
        'java.io.tmpdir=/tmp',
        'os.arch=amd64',
        'user.name=reg',
        'java.compiler=<NA>',
        'os.version=5.4.0-24-generic',
        'user.home=/home/reg',
        'host.name=council-1',
        'java.version=17.0.5',
      ],
    },
    `
    3000 Seat asks to join from <from>
    2600 Letter writer leaves
    2600 Interrupted amid waiting for letters
    2600 Line to seat <big> is cut, own seat = <my>, cause =
    2500 Stopping LetterWriter
    2400 No channel to seat <n> at vote address /<ip>:3777
    1500 Vote timed out after: <int>
    1400 Took socket of <from>
    1300 Shut socket of <from> with session <sid>
    400 Shut socket of <from> (it had no session)
    1100 Client wants a new session from <from>
    1000 Opened session <sid> with agreed timeout <int> for <from>
    700 Ending session <sid>, silent for more than <int>ms
    650 Session ended by order, session: <sid>
    400 stream ended early
    300 Letter: <n> (l.chair), <hex> (l.txid), <hex> (l.round), <state> (l.state), <n> (l.sid), <hex> (l.epoch), <state> (own state)
    150 Refused by the register in session:<sid> op:make cxid:<hex> txid:<hex> txntype:-1 path:n/a Where:/jobs/<word> Why:Code = PathTaken for /jobs/<word>
    60 Client wants its session <sid> back at <from>
    60 Checking client again: <sid>
    50 Own number is smaller, line is dropped: (<n>, <my>)
    30 Old client at <from>; is cut off if this seat is read only
    20 SEEKING
    15 BACKING
    4 CHAIRING
    12 New vote. Own seat =  <my>, offered txid=<hex>
    10 Environment:<prop>
    8 BACKING - VOTE TOOK - <int>
    8 Freezing: <hex> into /var/lib/council/v2/freeze.<sid>
    8 ******* FAREWELL <from> ********
    4 beat set to <int>
    4 shortestTimeout set to <int>
    4 longestTimeout set to <int>
    3 Unforeseen exception, closing while the socket is open
    2 end of the request chain
    1 Sweeper has no plan.
    1 sweep.keepCount set to <n>
    1 Settings are read from: /etc/council/council.cfg
    `,
  ),
  kind(
    'rented machines',
    {
      owner: [
        '9d41c9f3b8ea4b6cb1f0a2b6d11c5d0e',
        'b2a7d1f1d4d44643b07fa10ca7d0aa01',
        'c1746973ac574c6b8a9e8857f56a1234',
      ],
      verb: mostly(0.9, ['GET'], ['POST', 'DELETE']),
      status: mostly(0.9, ['200'], ['202', '204', '404']),
      dec: (random) => `${random.int(0, 1)}.${random.digits(7)}`,
      img: (random) => `/srv/rent/boxes/_root/${random.hex(40)}`,
      what: mostly(0.6, ['/boxes/list'], ['/shapes/2', '/boxes/7c5e', '/disks', '/roots/a1']),
      host: mostly(0.95, ['hv-1.rent.example.net'], ['hv-2.rent.example.net']),
    },
    `
    4500 <ip> "<verb> /r3/<owner><what> HTTP/1.1" code: <status> size: <int> secs: <dec>
    2000 <ip>,<ip> "<verb> /about/2018-08-27/<word>.json HTTP/1.1" code: <status> size: <int> secs: <dec>
    800 root <uuid> at (<img>): looking
    780 root <uuid> at (<img>): busy: <n> boxes here, <n> on hosts that share this disk
    700 Roots in use: <img>
    400 [box: <uuid>] Box Up (Life Event)
    400 [box: <uuid>] Box Frozen (Life Event)
    390 [box: <uuid>] Box Thawed (Life Event)
    380 [box: <uuid>] Box Down (Life Event)
    300 [box: <uuid>] While comparing power states the box had work waiting (forking). Ignored.
    200 [box: <uuid>] <decimal> seconds to make the box.
    200 [box: <uuid>] <decimal> seconds to fork the box on the host.
    190 [box: <uuid>] <decimal> seconds to remove the box from the host.
    180 [box: <uuid>] Asking for: memory <int> MB, disk <int> GB, cores <n> CPU
    180 [box: <uuid>] All memory: <int> MB, taken: <decimal> MB
    180 [box: <uuid>] memory bound: <decimal> MB, left: <decimal> MB
    170 [box: <uuid>] All cores: <int> CORE, taken: <decimal> CORE
    170 [box: <uuid>] no bound for cores, taken as endless
    160 [box: <uuid>] no bound for disk, taken as endless
    150 [box: <uuid>] Room granted
    150 [box: <uuid>] Making root
    130 [box: <uuid>] Box removed
    100 [box: <uuid>] Wiping of /srv/rent/boxes/<uuid>_gone ended
    100 [box: <uuid>] Wiping box files /srv/rent/boxes/<uuid>_gone
    90 Making event port-plugged:<uuid> for box <uuid>
    80 Stock: name=<host> ram=<int>MB taken_ram=<int>MB disk=<int>GB taken_disk=<int>GB cores=<int> taken_cores=<n> cards=[]
    60 Host record written for <host>:<host>
    40 Root of unknown use: <img>
    40 Root or swap too new to wipe: <img>
    30 HTTP error raised: No box waits for any event
    20 Boxes of host '<host>' are in step.
    10 Bills of host <host> from <stamp> to <stamp>. <n> boxes.
    4 (<int>) took ('<ip>', <port>)
    3 Loading host driver 'qemu.QemuDriver'
    1 Boxes of host '<host>' were out of step. List made anew.
    `,
  ),
]
