import { kind } from './kind.ts'

/** Everyday server software. */
export const everyday = [
  kind(
    'database server',
    {
      db: ['shop', 'crm', 'billing', 'postgres'],
      user: ['app_rw', 'reporting', 'postgres', 'migrator'],
      rel: ['orders', 'order_items', 'customers', 'sessions', 'audit_log', 'invoices', 'payments'],
      sql: (random) =>
        `${random.pick(['SELECT', 'UPDATE', 'INSERT INTO'])} t${random.int(1, 9)} WHERE id = ${random.int(1, 9999)}`,
    },
    `
    90 connection received: host=<ip> port=<port>
    90 connection authorized: user=<user> database=<db> SSL enabled (protocol=TLSv1.3, cipher=TLS_AES_256_GCM_SHA384, bits=256)
    90 disconnection: session time: 0:<n>0:<n>1.<int> user=<user> database=<db> host=<ip> port=<port>
    70 checkpoint starting: time
    20 checkpoint starting: wal
    80 checkpoint complete: wrote <int> buffers (<n>.<n>%); <n> WAL file(s) added, <n> removed, <n> recycled; write=<decimal> s, sync=<decimal> s, total=<decimal> s
    60 automatic vacuum of table "shop.public.<rel>": index scans: <n>
    60 automatic analyze of table "shop.public.<rel>" system usage: CPU: user: <decimal> s, system: <decimal> s, elapsed: <decimal> s
    50 temporary file: path "base/pgsql_tmp/pgsql_tmp<int>.<n>", size <int>
    40 process <int> still waiting for ShareLock on transaction <int> after <decimal> ms
    40 process <int> acquired ShareLock on transaction <int> after <decimal> ms
    40 relation "<rel>" does not exist at character <int>
    30 canceling statement due to statement timeout
    30 canceling statement due to user request
    30 password authentication failed for user "<user>"
    20 could not receive data from client: Connection reset by peer
    20 unexpected EOF on client connection with an open transaction
    20 remaining connection slots are reserved for non-replication superuser connections
    10 replication terminated by primary server
    10 started streaming WAL from primary at <n>/<n>A000000 on timeline <n>
    10 recovery restart point at <n>/<n>C0A1B28
    8 database system is ready to accept connections
    6 database system was shut down at <stamp> UTC
    6 received fast shutdown request
    6 received SIGHUP, reloading configuration files
    4 parameter "work_mem" changed to "<int>MB"
    `,
  ),
  kind(
    'message broker',
    {
      topic: ['orders', 'payments', 'clicks', 'audit', '__consumer_offsets', 'user-events', 'invoices.v2'],
      part: (random) => `${random.pick(['orders', 'payments', 'clicks', 'user-events'])}-${random.int(0, 40)}`,
      group: ['billing', 'search-indexer', 'mailer', 'etl_nightly', 'fraud', 'reporting'],
      member: (random) =>
        `consumer-${random.int(1, 9)}-${[8, 4, 4, 4, 12].map((length) => random.hex(length)).join('-')}`,
    },
    `
    100 [Partition <part> broker=<n>] Log loaded for partition <part> with initial high watermark <int>
    90 [GroupCoordinator <n>]: Preparing to rebalance group <group> in state PreparingRebalance with old generation <int> (__consumer_offsets-<int>) (reason: Adding new member <member> with group instance id None)
    80 [GroupCoordinator <n>]: Stabilized group <group> generation <int> (__consumer_offsets-<int>) with <n> members
    80 [GroupCoordinator <n>]: Member <member> in group <group> has failed, removing it from the group
    70 [GroupCoordinator <n>]: Assignment received from leader <member> for group <group> for generation <int>
    60 [UnifiedLog partition=<part>, dir=/var/lib/broker/data] Deleting segment files LogSegment(baseOffset=<int>, size=<big>, lastModifiedTime=<big>, largestRecordTimestamp=<big>)
    60 [UnifiedLog partition=<part>, dir=/var/lib/broker/data] Rolled new log segment at offset <int> in <n> ms.
    60 [ProducerStateManager partition=<part>] Wrote producer snapshot at offset <int> with <n> producer ids in <n> ms.
    50 [ReplicaFetcher replicaId=<n>, leaderId=<n>, fetcherId=0] Partition <part> has an older epoch (<int>) than the current leader. Will await the new LeaderAndIsr state before resuming fetching.
    40 [Broker id=<n>] Leader <part> with topic id Some(<uuid>) starts at leader epoch <int> from offset <int>
    30 Creating topic <topic> with configuration {} and initial partition assignment
    30 [SocketServer listenerType=ZK_BROKER, nodeId=<n>] Failed authentication with /<ip> (SSL handshake failed)
    20 [Controller id=<n>] Processing automatic preferred replica leader election
    20 Connection to node <n> (/<addr>) could not be established. Broker may not be available.
    10 [KafkaServer id=<n>] started
    10 [KafkaServer id=<n>] shutting down
    10 Session expired, reconnecting
    `,
  ),
  kind(
    'container orchestrator',
    {
      pod: (random) =>
        `${random.pick(['web', 'checkout', 'mailer', 'search-api', 'cron-sync'])}-${random.hex(9)}-${random.letters(5)}`,
      image: (random) =>
        `registry.example.com/shop/${random.pick(['web', 'checkout', 'mailer'])}:${random.int(1, 3)}.${random.int(0, 30)}.${random.int(0, 9)}`,
      node: (random) => `ip-10-0-${random.int(0, 255)}-${random.int(0, 255)}.eu-west-1.compute.internal`,
      vol: ['config', 'secrets', 'data', 'certs', 'tmp', 'cache', 'kube-api-access'],
    },
    `
    120 Successfully assigned shop/<pod> to <node>
    110 Pulling image "<image>"
    110 Successfully pulled image "<image>" in <decimal>s (<decimal>s including waiting)
    100 Created container web
    100 Started container web
    60 Stopping container web
    60 Back-off restarting failed container web in pod <pod>_shop(<uuid>)
    50 Readiness probe failed: HTTP probe failed with statuscode: 503
    30 Readiness probe failed: HTTP probe failed with statuscode: 404
    40 Readiness probe failed: Get "http://<addr>/healthz": dial tcp <addr>: connect: connection refused
    40 Liveness probe failed: Get "http://<addr>/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)
    40 MountVolume.SetUp failed for volume "<vol>" : secret "<vol>" not found
    40 <n>/<int> nodes are available: <n> Insufficient cpu, <n> Insufficient memory. preemption: not eligible
    30 Scaled up replica set web-<hash> to <n> from <n>
    30 Scaled down replica set web-<hash> to <n> from <n>
    20 Container web exceeded memory limit <int>Mi, OOM-killed (exit code 137)
    20 container exited with exit code 1
    20 container exited with exit code 143
    20 Node <node> status is now: NodeNotReady
    10 Node <node> status is now: NodeReady
    10 deleting pod for node scale down
    10 Evicting pod shop/<pod> due to disk pressure on node <node>
    `,
  ),
  kind(
    'mail server',
    {
      id: (random) => random.hex(10).toUpperCase(),
      status: ['bounced'],
      name: (random) => `mx${random.int(1, 4)}.${random.letters(6)}.example.com`,
      rule: ['HTML_MESSAGE', 'BAYES_50', 'SPF_PASS', 'DKIM_INVALID'],
    },
    `
    120 connect from <name>[<ip>]
    120 disconnect from <name>[<ip>] ehlo=1 mail=1 rcpt=<n> data=1 quit=1 commands=<n>
    100 <id>: client=<name>[<ip>]
    100 <id>: message-id=<<hash>@<name>>
    100 <id>: from=<<mail>>, size=<int>, nrcpt=<n> (queue active)
    90 <id>: to=<<mail>>, relay=<name>[<ip>]:25, delay=<decimal>, delays=<decimal>/0.0<n>/<decimal>/<n>, dsn=2.0.0, status=sent (250 2.0.0 OK <big> queued)
    40 <id>: to=<<mail>>, relay=none, delay=<int>, delays=<int>/0.0<n>/<n>/0, dsn=4.4.1, status=deferred (connect to <name>[<ip>]:25: Connection timed out)
    30 <id>: to=<<mail>>, relay=<name>[<ip>]:25, delay=<decimal>, delays=<decimal>/0/<decimal>/<n>, dsn=5.1.1, status=bounced (host <name>[<ip>] said: 550 5.1.1 User unknown)
    90 <id>: removed
    40 lost connection after AUTH from unknown[<ip>]
    20 lost connection after CONNECT from unknown[<ip>]
    40 warning: unknown[<ip>]: SASL LOGIN authentication failed: UGFzc3dvcmQ6
    30 warning: hostname <name> does not resolve to address <ip>: Name or service not known
    30 NOQUEUE: reject: RCPT from unknown[<ip>]: 554 5.7.1 Service unavailable; Client host [<ip>] blocked using bl.example.net; from=<<mail>> to=<<mail>> proto=ESMTP helo=<<name>>
    20 statistics: max connection rate <n>/60s for (smtp:<ip>) at <ctime>
    10 statistics: max cache size <n> at <ctime>
    8 refreshing the Postfix mail system
    6 table hash:/etc/postfix/virtual(0,lock|fold_fix) has changed -- restarting
    `,
  ),
  kind(
    'network gear',
    {
      iface: (random) =>
        `${random.pick(['GigabitEthernet', 'TenGigabitEthernet'])}${random.int(0, 3)}/${random.int(0, 3)}/${random.int(0, 47)}`,
      vlan: (random) => `Vlan${random.int(2, 4000)}`,
      admin: ['jsmith', 'mueller', 'netops', 'svc_backup', 'kim', 'oncall'],
      acl: ['OUTSIDE-IN', 'MGMT', 'GUEST-WIFI'],
    },
    `
    150 %LINK-3-UPDOWN: Interface <iface>, changed state to up
    150 %LINK-3-UPDOWN: Interface <iface>, changed state to down
    120 %LINEPROTO-5-UPDOWN: Line protocol on Interface <iface>, changed state to up
    120 %LINEPROTO-5-UPDOWN: Line protocol on Interface <iface>, changed state to down
    60 %SEC-6-IPACCESSLOGP: list <acl> denied tcp <ip>(<port>) -> <ip>(443), <n> packet
    60 %SEC-6-IPACCESSLOGP: list <acl> denied udp <ip>(<port>) -> <ip>(53), <n> packet
    60 %SYS-5-CONFIG_I: Configured from console by <admin> on vty<n> (<ip>)
    40 %OSPF-5-ADJCHG: Process <n>, Nbr <ip> on <vlan> from LOADING to FULL, Loading Done
    40 %OSPF-5-ADJCHG: Process <n>, Nbr <ip> on <vlan> from FULL to DOWN, Neighbor Down: Dead timer expired
    40 %DHCPD-4-PING_CONFLICT: DHCP address conflict: server pinged <ip>.
    30 %SW_MATM-4-MACFLAP_NOTIF: Host <mac> in vlan <int> is flapping between port Gi1/0/<n> and port Gi1/0/<n>
    30 %SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: <admin>] [Source: <ip>] [localport: 22] at <time> UTC <ctime>
    30 %SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: <admin>] [Source: <ip>] [localport: 22] [Reason: Login Authentication Failed] at <time> UTC <ctime>
    20 %PLATFORM_ENV-1-FAN: Faulty fan <n> detected
    10 %ENVMON-3-FAN_FAILED: Fan <n> not rotating
    10 %NTP-6-PEERREACH: Peer <ip> is reachable
    10 %NTP-4-PEERUNREACH: Peer <ip> is unreachable
    `,
  ),
  kind(
    'runtime and build',
    {
      lib: ['lodash', 'react', 'left-pad', 'express', 'vite', 'zod', 'typescript', 'semver'],
      version: (random) => `${random.int(0, 9)}.${random.int(0, 30)}.${random.int(0, 20)}`,
      mem: (random) => `${random.int(10, 4000)}M->${random.int(10, 2000)}M(${random.int(4000, 8000)}M)`,
      module: ['core', 'web', 'billing', 'search', 'common', 'reports'],
      src: (random) => `src/${random.letters(5)}/${random.letters(7)}.ts`,
    },
    `
    120 GC(<int>) Pause Young (Normal) (G1 Evacuation Pause) <mem> <decimal>ms
    40 GC(<int>) Pause Young (Concurrent Start) (G1 Humongous Allocation) <mem> <decimal>ms
    60 GC(<int>) Pause Remark <mem> <decimal>ms
    60 GC(<int>) Concurrent Mark Cycle <decimal>ms
    80 Building <module> <version>-SNAPSHOT [<n>/<int>]
    80 Tests run: <int>, Failures: <n>, Errors: <n>, Skipped: <n>, Time elapsed: <decimal> s -- in com.example.<module>.SomeTest
    80 <src>(<int>,<int>): error TS2345: Argument of type 'string' is not assignable to parameter of type 'number'.
    40 <src>(<int>,<int>): error TS2304: Cannot find name '<word>'.
    60 npm warn deprecated <lib>@<version>: this package is no longer supported
    50 added <int> packages, and audited <int> packages in <int>s
    40 Downloading https://repo.example.org/<word>/<version>/<word>-<version>.jar
    40 Downloaded https://repo.example.org/<word>/<version>/<word>-<version>.jar (<int> kB at <int> kB/s)
    30 Task :<module>:compileJava UP-TO-DATE
    30 Task :<module>:test FAILED
    20 BUILD SUCCESSFUL in <int>s
    20 BUILD FAILED in <int>s
    20 Cloning into '/builds/<word>/<word>'...
    10 Uploading artifacts... <word>/dist: found <int> matching files and directories
    10 ERROR: Job failed: exit code 1
    `,
  ),
  kind(
    'devices at home',
    {
      device: ['kitchen_light', 'hall-sensor', 'boiler', 'garage_door', 'bedroom_blind', 'washing_machine', 'doorbell'],
      room: ['kitchen', 'hall', 'garage', 'bedroom', 'attic'],
      token: (random) => random.letters(4) + random.digits(4),
    },
    `
    120 Device <device> reported temperature <decimal> °C, humidity <int>%
    100 Zigbee publish: topic 'zigbee2mqtt/<device>', payload '{"battery":<int>,"linkquality":<int>}'
    80 <device> switched on
    80 <device> switched off
    60 Motion detected in <room>
    50 Battery of <device> is low (<int>%)
    50 Lost contact to <device>, retrying in <int> s
    40 Client <token> connected from <ip>
    40 Client <token> disconnected
    30 Firmware update for <device> available: <n>.<n>.<n> -> <n>.<n>.<n>
    30 Setting target of boiler to <decimal> °C
    20 Automation "good night" triggered by <device>
    20 Automation "good morning" triggered by time
    10 Restarting bridge
    10 Sunset at <time>, sunrise at <time>
    `,
  ),
]
