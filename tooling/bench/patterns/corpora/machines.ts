import { kind } from './kind.ts'

/** Supercomputers, operating systems and devices. */
export const machines = [
  kind(
    'supercomputer',
    {
      rack: (random) => `Q${random.digits(2)}-M${random.int(0, 1)}-N${random.int(0, 9)}`,
      axis: ['x+', 'x-', 'y+', 'y-', 'z+', 'z-'],
      word: (random) => random.hex(8),
      job: (random) => `/p/home${random.int(1, 3)}/${random.letters(6)}/run/${random.letters(7)}.rts`,
    },
    `
    300 generating core.<int>
    250 instruction cache parity error corrected
    160 CE sym <int>, at <hex>, mask <hex>
    100 <int> double-hummer alignment exceptions
    90 ciox: Error reading message prefix after LOGIN on CioStream socket to <addr>: Link has been severed
    60 ciox: failed to read message prefix on control stream (CioStream socket to <addr>
    60 data TLB error interrupt
    50 total of <int> mem error(s) detected and corrected over <int> seconds
    40 <n> torus receiver <axis> input pipe error(s) (dcr <hex>) detected and corrected
    30 <n> torus sender <axis> retransmission error(s) (dcr <hex>) detected and corrected
    40 iar <word> dear <word>
    30 rts: kernel terminated for reason <int>
    30 ciox: LOGIN chdir(<job>) failed: No such file or directory
    10 ciox: LOGIN chdir(<job>) failed: Input/output error
    20 ciox: Error loading <job>: invalid or missing program image, No such file or directory
    16 program interrupt: fp cr field.............<n>
    12 program interrupt: illegal instruction......<n>
    12 program interrupt: trap instruction.........<n>
    12 program interrupt: privileged instruction...<n>
    10 machine check status register: <hex>
    10 core configuration register: <hex>
    10 r<n>=<hex> r<n>=<hex> r<n>=<hex> r<n>=<hex>
    8 lr:<hex> cr:<hex> xer:<hex> ctr:<hex>
    6 NodeCard is not fully functional
    6 Node card(mLctn(<rack>), mSer(<hash>), mIp(<ip>), mType(<n>)) prepared as part of Service Action <int>
    4 <int> microseconds spent in the rbs signal handler during <int> calls. <int> microseconds was the maximum time for a single instance of a correctable ddr.
    4 Node card VPD check: missing <rack>
    4 MidplaneController performing bit sparing on <rack> bit <n>
    2 Power deactivated: <rack>
    `,
  ),
  kind(
    'compute cluster',
    {
      node: (random) => `node-${random.int(1, 250)}`,
      fans: (random) => Array.from({ length: 6 }, () => String(random.int(3000, 4500))).join(' '),
      wwid: (random) => `SCSI-WWID:01000010:6005-08b4-0001-00c6-0006-3000-${random.hex(4)}-0000`,
      store: (random) => `store${random.int(100, 450)}`,
      range: (random) => `node-[${random.int(0, 31)}-${random.int(32, 127)}]`,
    },
    `
    200 Component State Change: Component \\042<wwid>\\042 is in the unavailable state (HWID=<int>)
    20 Component State Change: Component \\042alt<n>\\042 is in the running state (HWID=<int>)
    160 boot (command <int>)
    90 wait (command <int>)
    80 halt (command <int>)
    150 Fan speeds ( <fans> )
    90 PSU status ( on on )
    20 PSU status ( off on )
    70 ambient=<int>
    60 Temperature (<n>1C) exceeds warning threshold
    60 Link error on broadcast tree Interconnect-<n>T00:00:<n>:<n>
    30 Linkerror event interval expired
    30 Link ok
    30 not responding
    20 Targeting domains:node-D<n> and nodes:<range> child of command <int>
    20 ServerFileSystem: An ServerFileSystem domain panic has occurred on <store>
    20 ServerFileSystem domain <store> is full
    20 ClusterFileSystem: There is no server for PAN <store> on <node>
    10 <node> has detected an available network connection on network <ip> via interface alt<n>
    5 Failed subcommands <int>
    5 running running
    3 Lustre mount on <node> failed to configure resource subsystem err = <int>
    `,
  ),
  kind(
    'syslog of a server',
    {
      user: ['root', 'news', 'test'],
      name: (random) => `${random.letters(6)}.${random.letters(8)}.example.net`,
      unit: ['crond', 'cupsd', 'syslogd'],
    },
    `
    300 connection from <ip> (<name>) at <ctime>
    150 connection from <ip> () at <ctime>
    200 authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=<ip> 
    90 authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=<name>  user=root
    30 authentication failure; logname= uid=0 euid=0 tty=NODEVssh ruser= rhost=<name>  user=guest
    120 check pass; user unknown
    60 session opened for user root by (uid=<n>)
    40 session opened for user news by (uid=<n>)
    50 session closed for user root
    40 session closed for user news
    40 ANONYMOUS LOGIN FROM <ip>,  (anonymous)
    30 getpeername (ftpd): Transport endpoint is not connected
    20 Kerberos authentication failed
    20 crond startup succeeded
    10 cupsd shutdown succeeded
    10 cupsd startup succeeded
    10 syslogd startup succeeded
    10 klogd 1.<n>.1, log source = /proc/kmsg started.
    8 Freeing initrd memory: <int>k freed
    6 hd<n>: max request size: <int>KiB
    6 NET: Registered protocol family <int>
    5 ALERT exited abnormally with [1]
    4 usbcore: registered new driver hub
    3 Calibrating delay loop... <decimal> BogoMIPS
    3 Memory: <int>k/<int>k available (<int>k kernel code, <int>k reserved)
    2 (root) CMD (run-parts /etc/cron.hourly)
    `,
  ),
  kind(
    'secure shell',
    {
      user: [
        'admin',
        'test',
        'oracle',
        'guest',
        'support',
        'ubnt',
        'webmaster',
        'pgadmin',
        'git',
        '0101',
        'user1',
        'ftp',
        'a',
        'matlab',
        'chen',
        'zabbix2',
      ],
      known: ['root', 'root', 'root', 'root', 'uucp', 'mail', 'backup', 'games', 'nobody'],
      name: (random) =>
        `${random.digits(3)}-${random.digits(2)}-${random.digits(3)}.dyn.${random.letters(6)}.example.com`,
    },
    `
    250 Failed password for <known> from <ip> port <port> ssh2
    140 Failed password for invalid user <user> from <ip> port <port> ssh2
    140 Invalid user <user> from <ip>
    140 input_userauth_request: invalid user <user> [preauth]
    160 Received disconnect from <ip>: 11: Bye Bye [preauth]
    120 pam_unix(sshd:auth): check pass; user unknown
    120 pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=<ip> 
    90 pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=<ip>  user=root
    90 reverse mapping checking getaddrinfo for <name> [<ip>] failed - POSSIBLE BREAK-IN ATTEMPT!
    60 Connection closed by <ip> [preauth]
    20 message repeated <n> times: [ Failed password for root from <ip> port <port> ssh2]
    20 Disconnecting: Too many authentication failures for <known> [preauth]
    10 Did not receive identification string from <ip>
    10 PAM <n> more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=<ip>
    8 Received disconnect from <ip>: 11: disconnected by user
    8 error: Received disconnect from <ip>: 3: com.example.ssh.SSHException: Auth fail [preauth]
    5 fatal: Write failed: Connection reset by peer [preauth]
    4 Accepted password for fztu from <ip> port <port> ssh2
    4 pam_unix(sshd:session): session opened for user fztu by (uid=0)
    4 pam_unix(sshd:session): session closed for user fztu
    2 Server listening on 0.0.0.0 port 22.
    `,
  ),
  kind(
    'desktop servicing',
    {
      pack: (random) => `Package_for_KB${random.digits(7)}~${random.hex(16)}~amd64~~6.1.1.${random.int(0, 9)}`,
      session: (random) => `${random.digits(8)}_${random.digits(9)}`,
    },
    `
    400 Read out cached package applicability for package: <pack>, ApplicableState: <int>, CurrentState:<int>
    200 Session: <session> initialized by client UpdateAgent.
    200 Failed to internally open package. [HRESULT = 0x800f0805 - SVC_E_INVALID_PACKAGE]
    120 Expecting attribute name [HRESULT = 0x800f080d - SVC_E_MANIFEST_INVALID_ITEM]
    120 Failed to get next element [HRESULT = 0x800f080d - SVC_E_MANIFEST_INVALID_ITEM]
    120 Warning: Unrecognized packageExtended attribute.
    60 Loaded Servicing Stack v6.1.<int>.<int> with Core: C:\\Windows\\winsxs\\amd64_stack_<hash>\\core.dll
    40 Ending Installer initialization.
    40 Starting Installer initialization.
    40 Ending Installer finalization.
    40 Starting the Installer main loop.
    30 SQM: Initializing online with opt-in: False
    30 SQM: Cleaning up report files older than 10 days.
    30 SQM: Queued <n> file(s) for upload with pattern: C:\\Windows\\servicing\\sqm\\*_std.sqm, flags: <hex>
    20 SQM: Failed to start upload with file pattern: C:\\Windows\\servicing\\sqm\\*_std.sqm, flags: 0x2 [HRESULT = 0x80004005 - E_FAIL]
    20 NonStart: Checking to ensure startup processing was not required.
    20 NonStart: Success, startup processing not required as expected.
    20 Startup processing thread terminated normally
    20 Idle processing thread terminated normally
    10 Reboot mark refs incremented to: <n>
    10 Reboot mark refs: <n>
    8 0000000<n>@2016/9/27:<time>.<int> Store Initialize (wcp.dll version 0.0.0.<n>) called (stack @0x7fed<hash> @0x7fef<hash>)
    6 0000000<n> Created NT transaction (seq <n>) result 0x00000000, handle @<hex>
    5 Scavenge: Starts
    5 Scavenge: Begin Store
    5 Scavenge: Completed, disposition: <hex>
    `,
  ),
  kind(
    'mobile device',
    {
      lock: (random) => random.digits(9),
      tag: ['"View Lock"', '"*job*/com.chat/.Sync"', '"RILJ_ACK"', '"Audio"', '"launch"'],
      app: ['com.chat.mm', 'com.android.phone', 'android', 'com.maps', 'com.player'],
      source: (random) => (random.chance(0.7) ? 'null' : `WorkSource_${random.digits(5)}`),
      token: (random) => random.hex(7),
      bool: ['true', 'false'],
    },
    `
    200 acquire lock=<lock>, flags=<hex>, tag=<tag>, name=<app>, ws=<source>, uid=<int>, pid=<int>
    200 release:lock=<lock>, flg=<hex>, tag=<tag>, name=<app>, ws=<source>, uid=<int>, pid=<int>
    180 ready=<bool>,policy=<n>,wakefulness=<n>,summary=<hex>,boot=<bool>,brightness=<bool>,mode=<bool>,manual=<int>,auto=-1,adj=0.0userId=<n>
    160 printFreezing app token = WinToken{<token> token=Token{<token> Record{<token> u0 com.chat/.Main t<int>}}}, allDrawn= <bool>, startingShown =  <bool>, isRelaunching =  <bool>
    120 setUiVisibility vis=<n> mask=<int> oldVal=<hex> newVal=<hex> diff=<int> stackBounds=Rect(<int>, <int> - <int>, <int>), docked=Rect(<n>, <n> - <n>, <n>)
    90 Skipping WinToken{<token> token=Token{<token> Record{<token> u0 com.chat/.Main t<int>}}} -- going to hide
    60 userActivity: eventTime=<big>, event=<n>, flags=<hex>, uid=<int>
    60 HBM brightnessIn =<int>
    50 HBM brightnessOut =<int>
    50 Animating brightness: target=<int>, rate=<int>
    30 visible is system.call.count gt <n>
    20 Destroying surface Surface(name=PopupWindow:<token>) called by com.android.server.wm.Animator.destroy:<int>
    20 getRunningTasks: caller <int> does not hold REAL_GET_TASKS; limiting output
    15 cancelAutohide
    15 notifyVisibility: state:<n>
    10 cancelNotification,index:<n>
    10 cancelPeek: <n>
    8 mCallState=<n>
    6 computeScreen: nothing to do
    6 Unlock happened
    4 getCellLocation:[<int>,<int>,-1]
    4 Bad activity token: android.os.BinderProxy@<token>
    `,
  ),
]
