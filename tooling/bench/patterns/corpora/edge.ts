import { kind } from './kind.ts'

/** Web servers, proxies and things worn. */
export const edge = [
  kind(
    'wearable',
    {
      list: (random) => Array.from({ length: random.int(4, 6) }, () => random.digits(random.int(4, 13))).join('##'),
    },
    `
    300 onStepChanged <int>
    200 onExtend:<big> <int> 0 <n>
    200 getTodaySteps = <list>
    200 setTodaySteps=<list>
    120 calculateCalories totalCalories=<int>
    120 calculateAltitude totalAltitude=<int>
    100 REPORT : <int> <int> <int> <int>
    60 processBroadcast action:android.intent.action.SCREEN_ON
    60 processBroadcast action:android.intent.action.SCREEN_OFF
    40 processBroadcast action:android.intent.action.TIME_TICK
    30 screen status unknown
    30 flush sensor data
    20 upLoadOneMinute time=<big>,<int>,<int>,<int>,<int>
    10 checkInsert not initialized: 0
    8 tryToReload
    6 initDataPrivacy the dataPrivacy is true
    5 needAutoSync autoSyncSwitch is open
    5 saveStat() type =<int>,time =<big>,statOld <int>
    `,
  ),
  kind(
    'web server',
    {
      page: (random) => `/var/www/html/${random.letters(random.int(3, 8))}/`,
      name: (random) => `${random.letters(7)}.example.org`,
    },
    `
    300 workerEnv.init() ok /etc/httpd/conf/workers2.properties
    280 mod_proxy child workerEnv in error state <n>
    300 proxy2_init() Found child <int> in scoreboard slot <int>
    120 [client <ip>] Directory index forbidden by rule: <page>
    60 [client <ip>] File does not exist: <page>index.html
    30 proxy2_init() Can't find child <int> in scoreboard
    20 mod_proxy child init <n> <n>
    10 [client <ip>] script not found or unable to stat: /var/www/cgi-bin/<word>
    6 Graceful restart requested, doing restart
    4 caught SIGTERM, shutting down
    4 suEXEC mechanism enabled (wrapper: /usr/sbin/suexec)
    3 server seems busy, (you may need to increase Spare), spawning <n> children, there are <int> idle, and <int> total children
    `,
  ),
  kind(
    'proxy client',
    {
      site: ['proxy.cse.example.edu:5070', 'qq.example.com:80', 'ssl.example.com:443', '10.1.2.3:5070'],
      sent: (random) =>
        random.chance(0.4)
          ? `${random.int(0, 999)} bytes`
          : `${random.int(1000, 99_999)} bytes (${random.int(1, 90)}.${random.int(0, 9)} KB)`,
      life: (random) => (random.chance(0.3) ? '<1 sec' : `0${random.int(0, 9)}:${random.int(10, 59)}`),
    },
    `
    500 <site> close, <sent> sent, <sent> received, lifetime <life>
    400 <site> open through proxy proxy.cse.example.edu:5070 HTTPS
    100 <site> open through proxy socks.cse.example.edu:5070 SOCKS5
    60 <site> error : Could not connect through proxy proxy.cse.example.edu:5070 - Proxy server cannot establish a connection with the target, status code 403
    30 <site> error : Could not connect through proxy proxy.cse.example.edu:5070 - Proxy closed the connection unexpectedly.
    20 <site> error : Could not connect to proxy proxy.cse.example.edu:5070 - connection attempt failed with error 10060
    `,
  ),
  kind(
    'laptop',
    {
      proc: ['powerd', 'symptomsd', 'mDNSResponder', 'WindowServer', 'cloudd', 'configd', 'locationd'],
      app: ['com.example.Addres', 'com.example.WebKit', 'QQ', 'Mail'],
      net: ['en0', 'en1', 'awdl0'],
    },
    `
    60 ARPT: <int>.<int>: AirPort_Core43xx::syncPowerState: WWEN[enabled]
    60 ARPT: <int>.<int>: wl0: wl_update_tcpkeep_seq: Original Seq: <big>, Ack: <big>, Win size: <int>
    60 ARPT: <int>.<int>: wl0: setup_keepalive: interval <int>, retry_interval <int>, retry_count <n>
    60 <net>: BSSID changed to <mac>
    60 <net>: channel changed to <int>
    50 <net>::IO80211Interface::postMessage bssid changed
    50 PM response took <int> ms (<int>, <proc>)
    40 Sandbox: <app>(<int>) deny(1) network-outbound /private/var/run/mDNSResponder
    40 Sandbox: <app>(<int>) deny(1) mach-lookup com.example.coresymbolicationd
    30 Previous sleep cause: <n>
    30 Wake reason: ARPT (Network)
    30 Wake reason: EC.LidOpen (User)
    30 RTC: PowerByCalendarDate setting ignored
    30 Unexpected payload found for message <n>, dataLen 0
    20 network changed: v4(en0-:<ip>) v6(en0:fe80::<n>) DNS! Proxy SMB
    20 network changed: v4(en0+:<ip>) DNS+ Proxy+ SMB
    20 CameraAssistant::handleWake - messageType = <hex>
    20 Thunderbolt: power state changed to <n>
    16 IOThunderboltSwitch<<n>>(<hex>)::listener - Thunderbolt HPD packet for route = <hex> port = <int> unplug = <n>
    14 HID: failed to open service <int>: Operation timed out
    12 Received Capabilities from SSD (<n>)
    10 Error: Task <uuid> finished with error - code: -1001
    8 tcp_connection_tls_session_error_block <n> TLS handshake failed
    6 *** Assertion failure in -[CFile captureLog], /Sources/CFile.m:<int>
    6 Couldn't read the pref file
    4 Bluetooth -- LE is supported - Disable LE meta event
    3 hibernate image path: /var/vm/sleepimage
    2 hibernate_page_list_setall(preflight 1) start
    2 hibernate_page_list_setall time: <int> ms
    `,
  ),
]
