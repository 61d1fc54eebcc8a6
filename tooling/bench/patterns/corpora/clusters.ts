import { kind } from './kind.ts'

/** Storage, scheduling and computing on many machines. */
export const clusters = [
  kind(
    'block storage',
    {
      chunk: (random) => `chk_${random.chance(0.5) ? '-' : ''}${random.digits(random.int(16, 19))}`,
      chunks: (random) =>
        Array.from(
          { length: random.int(1, 12) },
          () => `chk_${random.chance(0.5) ? '-' : ''}${random.digits(18)}`,
        ).join(' '),
      peers: (random) =>
        Array.from({ length: random.int(1, 3) }, () => `10.1.${random.int(0, 255)}.${random.int(1, 254)}:7010`).join(
          ', ',
        ),
      task: (random) => `_job_2019${random.digits(8)}_000${random.int(1, 9)}_r_${random.digits(6)}_${random.int(0, 3)}`,
    },
    `
    280 Receiving chunk <chunk> src: /<addr> dest: /<addr>
    270 CHUNK* NameTable.addStored: table updated: <addr> now holds <chunk> size <big>
    260 Replier <n> for chunk <chunk> finishing
    250 Received chunk <chunk> of size <big> from /<ip>
    60 Deleting chunk <chunk> file /srv/disk<n>/current/sub<n>/<chunk>
    40 CHUNK* NameTable.allocate: /user/etl/_tmp/<task>/part-0<int>. <chunk>
    40 CHUNK* NameTable.delete: <chunk> is put on the invalid set of <addr>
    20 CHUNK* ask <addr> to delete <chunks>
    18 <addr> Served chunk <chunk> to /<ip>
    14 <addr>:Got error while serving <chunk> to /<ip>:
    10 Check passed for <chunk>
    6 CHUNK* ask <addr> to copy <chunk> to datanode(s) <peers>
    5 Received chunk <chunk> src: /<addr> dest: /<addr> of size <big>
    4 writeChunk <chunk> received exception java.io.IOException: Connection reset by peer
    3 Replier <chunk> <n> Exception java.io.EOFException
    2 Unexpected error trying to delete chunk <chunk>. Info not found in volume map.
    2 Opening transfer thread for chunk <chunk> to <peers>
    `,
  ),
  kind(
    'resource manager',
    {
      app: (random) => `application_16${random.digits(11)}_00${random.digits(2)}`,
      attempt: (random) =>
        `try_16${random.digits(11)}_00${random.digits(2)}_m_0000${random.digits(2)}_${random.int(0, 2)}`,
      box: (random) => `box_16${random.digits(11)}_00${random.digits(2)}_01_0000${random.digits(2)}`,
      host: ['cl-node-41', 'cl-node-42', 'CLDESK-77Q1X', 'cl-head-1'],
    },
    `
    80 <attempt> TaskTry moved from NEW to WAITING
    70 <attempt> TaskTry moved from WAITING to ASSIGNED
    70 <attempt> TaskTry moved from ASSIGNED to RUNNING
    60 <attempt> TaskTry moved from RUNNING to DONE_CLEANUP
    20 <attempt> TaskTry moved from RUNNING to FAIL_CLEANUP
    40 job_<big>_0<n>1 Job moved from INITED to SETUP
    40 job_<big>_0<n>1 Job moved from SETUP to RUNNING
    200 Progress of TaskTry <attempt> is : 0.<int>
    120 Retrying connect to server: <host>:8030. Already tried <n> time(s); retry policy is RetryUpTo(maxRetries=10, sleepTime=1000 MILLISECONDS)
    120 Address change seen. Old: <host>/<ip>:9000 New: <host>:9000
    110 Could not renew lease for [FsClient_NONMAP_<big>_1] for <int> seconds.  Will retry shortly ...
    40 ERROR IN REACHING MANAGER. 
    30 Launching <attempt>
    30 Box <box> taken for task <attempt> on <host>:<port>
    12 Opening proxy : <host>:<port>
    10 Diagnostics report from <attempt>: Box killed by the master.
    8 Exit code from box <box> is : 143
    8 Exit code from box <box> is : 1
    6 reduceResourceRequired:<mem:<int>, vCores:1>
    5 Stopping JobHistoryHandler. Size of the outstanding queue size is <n>
    4 Scheduled snapshot period at 10 second(s).
    4 IPC Server Responder: starting
    3 Adding protocol org.example.mr.api.ClientProtocolPB to the server
    2 Reduce slow start threshold not met. completedMapsForReduceSlowstart <n>
    `,
  ),
  kind(
    'batch computing',
    {
      size: (random) => `${random.int(1, 900)}.${random.int(0, 9)} ${random.pick(['B', 'KB', 'MB', 'GB'])}`,
      dataset: (random) => `set_${random.int(1, 900)}_${random.int(0, 500)}`,
      cast: (random) => `cast_${random.int(1, 120)}${random.chance(0.4) ? '_part0' : ''}`,
      old: ['tip.id', 'task.id', 'job.id', 'task.is.map'],
      new: ['task.id', 'attempt.id', 'job.id', 'task.ismap'],
      group: ['yarn,etl', 'etl,yarn', 'root'],
    },
    `
    300 Found block <dataset> locally
    200 Finished task <int>.0 in stage <int>.0 (TID <int>). <int> bytes result sent to driver
    200 Running task <int>.0 in stage <int>.0 (TID <int>)
    180 Got assigned task <int>
    60 Block <cast> stored as values in memory (estimated size <size>, free <size>)
    60 Block <cast> stored as bytes in memory (estimated size <size>, free <size>)
    50 Times: total = <int>, boot = <int>, init = <int>, finish = <n>
    50 Started reading cast variable <int>
    50 Reading cast variable <int> took <int> ms
    20 ensureFree(<int>) called with used=<int>, max=<big>
    20 Input split: fs://10.1.1.9:9000/data/in/part-<int>.log:<int>+<int>
    6 Changing view acls to: <group>
    6 Changing modify acls to: <group>
    5 Partition <dataset> not found, computing it
    8 mapred.<old> is deprecated. Instead, use map.<new>
    3 Successfully registered with driver
    3 Registered signal handlers for [TERM, HUP, INT]
    3 Created local directory at /opt/hdp/tmp/app/<hash>/blockmgr-<uuid>
    2 Connecting to driver: akka://driver@<addr>/user/Scheduler
    2 MemoryStore started with capacity <size>
    2 MemoryStore cleared
    2 Server created on <int>
    `,
  ),
  kind(
    'coordination service',
    {
      session: (random) => `0x${random.hex(15)}`,
      state: ['LOOKING', 'FOLLOWING', 'LEADING'],
    },
    `
    300 Accepted socket connection from /<addr>
    280 Closed socket connection for client /<addr> which had sessionid <session>
    260 Client attempting to renew session <session> at /<addr>
    120 Established session <session> with negotiated timeout <int> for client /<addr>
    100 Received connection request /<addr>
    90 Notification time out: <int>
    60 Connection broken for id <big>, my id = <n>, error = 
    60 Interrupting SendWorker
    50 Interrupted while waiting for message on queue
    50 Send worker leaving thread
    40 Expiring session <session>, timeout of <int>ms exceeded
    30 caught end of stream exception
    30 Cannot open channel to <n> at election address /<addr>
    20 Processed session termination for sessionid: <session>
    10 Have smaller server identifier, so dropping the connection: (<n>, <n>)
    8 Notification: <n> (n.leader), <hex> (n.zxid), <hex> (n.round), LOOKING (n.state), <n> (n.sid)
    4 Snapshotting: <hex> to /var/coord/version-2/snapshot.<hash>
    4 Reading snapshot /var/coord/version-2/snapshot.<hash>
    3 shutdown of request processor complete
    2 Unexpected exception causing shutdown while sock still open
    2 My election bind port: /<ip>:3888
    2 Exception causing close of session 0x0 due to java.io.IOException: server not running
    `,
  ),
  kind(
    'cloud compute',
    {
      path: (random) => `/v2/${random.hex(32)}/servers/${random.pick(['detail', random.hex(12), 'os-events'])}`,
      base: (random) =>
        Array.from({ length: random.int(1, 3) }, () => `/var/lib/vm/instances/_base/${random.hex(40)}`).join(' '),
      via: (random) =>
        random.chance(0.5) ? `10.11.10.${random.int(1, 9)}` : `10.11.21.${random.int(1, 9)},10.11.10.1`,
    },
    `
    500 <via> "GET <path> HTTP/1.1" status: 200 len: <int> time: <decimal>
    70 <via> "POST <path> HTTP/1.1" status: 202 len: <int> time: <decimal>
    60 <via> "DELETE <path> HTTP/1.1" status: 204 len: <int> time: <decimal>
    60 [instance: <uuid>] VM Started (Lifecycle Event)
    60 [instance: <uuid>] VM Paused (Lifecycle Event)
    60 [instance: <uuid>] VM Resumed (Lifecycle Event)
    50 [instance: <uuid>] VM Stopped (Lifecycle Event)
    30 [instance: <uuid>] Took <decimal> seconds to spawn the instance on the hypervisor.
    30 [instance: <uuid>] Took <decimal> seconds to build instance.
    30 [instance: <uuid>] Took <decimal> seconds to destroy the instance on the hypervisor.
    30 [instance: <uuid>] Attempting claim: memory <int> MB, disk <int> GB, vcpus <n> CPU
    30 [instance: <uuid>] Total memory: <int> MB, used: <decimal> MB
    30 [instance: <uuid>] memory limit: <decimal> MB, free: <decimal> MB
    20 [instance: <uuid>] vcpu limit not specified, defaulting to unlimited
    20 [instance: <uuid>] disk limit not specified, defaulting to unlimited
    60 image <uuid> at (/var/lib/vm/instances/_base/<hash>): checking
    60 image <uuid> at (/var/lib/vm/instances/_base/<hash>): in use: on this node <n> local, <n> on other nodes sharing this instance storage
    50 Active base files: <base>
    10 Removable base files: <base>
    10 Base or swap file too young to remove: /var/lib/vm/instances/_base/<hash>
    20 Creating event vif-plugged:<uuid> for instance <uuid>
    20 HTTP exception thrown: No instances found for any event
    6 While synchronizing instance power states, found <n> instances in the database and <n> instances on the hypervisor.
    4 Loading compute driver 'libvirt.Driver'
    `,
  ),
]
