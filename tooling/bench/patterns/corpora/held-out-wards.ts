import { kind, mostly } from './kind.ts'
import type { Random } from './random.ts'

const sometimes = (share: number, part: string) => (random: Random) => (random.chance(share) ? part : '')
const job = (random: Random): string => `${random.int(1, 900_000)}.pine-head`

/** Put aside last, after the values that validators print were told. */
export const heldOutWards = [
  kind(
    'queue of a pine cluster',
    {
      job,
      node: (random) => `pine${String(random.int(1, 512)).padStart(3, '0')}`,
      nodes: (random) => Array.from({ length: random.int(1, 6) }, () => `pine${random.int(100, 512)}`).join('+'),
      user: mostly(0.5, ['zhang'], ['mmeier', 'biogrp', 'q_chem', 'ana']),
      queue: mostly(0.6, ['batch'], ['long', 'debug', 'gpu_a100', 'teach']),
      host: ['pine-head', 'pine-login2'],
      code: (random) => String(random.pick([0, 0, 0, 1, 137, 271, -11])),
      wall: (random) => `${random.int(0, 99)}:${random.int(10, 59)}:${random.int(10, 59)}`,
      res: (random) =>
        `nodes=${random.int(1, 32)}:ppn=${random.int(1, 64)},walltime=${random.int(1, 99)}:00:00,mem=${random.int(1, 500)}gb`,
      temp: (random) => `${random.int(20, 95)}C`,
      link: (random) => `ib${random.int(0, 1)}/port${random.int(1, 36)}`,
      lid: (random) => `0x${random.hex(4)}`,
      state: ['offline', 'free', 'down', 'job-exclusive'],
      fan: (random) => `fan${random.int(1, 6)}`,
      ost: (random) => `scratch-OST00${random.hex(2)}`,
      mount: ['/scratch', '/home', '/projects/geo'],
      mod: ['gcc/12.2', 'openmpi/4.1', 'intel/2021a', 'python/3.11'],
    },
    `
    2500 <job>: polled by <user>@<host>
    2200 <job>: queued at request of <user>@<host>, owner = <user>@<host>, queue = <queue>
    2100 <job>: run at request of sched@<host>, on <nodes>
    1900 <job>: exit status <code>, cput=<wall> mem=<int>kb vmem=<int>kb walltime=<wall>
    1500 node <node>: state <state> -> <state>
    1200 node <node>: load <decimal>, mem <int>kb of <int>kb
    800 <link> errors: symbol <int>, rcv <int>, discards <int> (lid <lid>)
    500 <job>: wants <res>
    400 <node> temp cpu<n> <temp>
    300 <job>: deleted at request of <user>@<host>
    250 <job>: walltime <int> exceeded limit <int>
    200 lustre: <ost>: slow reply to ping from <ip>@o2ib, <int>s late
    180 lustre: <ost>: connection restored to <ip>@o2ib
    150 lustre: <ost>: connection lost to <ip>@o2ib; in progress operations will wait
    120 <node> <fan> below <int> rpm
    100 quota of <user> on <mount>: <int>G of <int>G
    80 module <mod> loaded by <user> on <node>
    60 node <node>: bad connection, retry <n> of 3
    50 <job>: prologue failed on <node> (rc <code>)
    40 mcelog: <node> corrected error on DIMM_<word>, count <int>
    30 mcelog: <node> uncorrected error on DIMM_<word>
    25 reservation <word>.<int> created for <user> from <stamp> to <stamp>
    20 pdu <ip>: outlet <int> switched off
    19 pdu <ip>: outlet <int> switched on
    12 gpfs: disk lease of <node> is overdue by <int> seconds
    10 subnet manager: new port <hash> with <int> links
    8 <node> rebooted by <user>
    5 fairshare of <user> is <decimal>
    3 server starts with <int> jobs and <int> nodes
    2 accounting file is /var/spool/pine/acct/<date>
    1 license server lost
    1 license server is back
    `,
  ),
  kind(
    'wrist watch',
    {
      bigThree: (random) => `15${random.digits(11)}`,
      steps: (random) =>
        `15${random.digits(11)}##${random.int(0, 9999)}##${random.int(0, 600000)}##${random.int(0, 9999)}`,
      cls: ['WW_StepStore', 'WW_Flush', 'WW_Notice'],
      bool: ['true', 'false'],
      act: ['wrist.action.RAISED', 'wrist.action.LOWERED', 'wrist.action.CHARGE'],
      kindOf: ['walk', 'run', 'climb'],
      phone: mostly(0.8, ['Mate 10'], ['unknown device', 'Pixel']),
      list: (random) => `[${Array.from({ length: random.int(0, 5) }, () => String(random.int(0, 9))).join(', ')}]`,
      cause: sometimes(0.3, ' again'),
    },
    `
    3000 takeStep <int>
    2500 takeExtend:<bigThree> <n> <n> <n>
    1900 dayTotal = <steps>
    1850 setDayTotal=<steps>
    1400 sum of calories=<int>
    1390 sum of altitude=<int>
    900 heard <act>
    700 flush <bool> to store, <int> rows
    500 screenLit=<bool>
    400 pulse <int> bpm, quality <n>
    350 upload minute data <int>,<int>,<n>,<n>
    300 report : <int> <int> <int> <int>
    200 <kindOf> begins at <bigThree>
    190 <kindOf> ends at <bigThree>
    150 buffer list <list>
    100 link to <phone> is up<cause>
    90 link to <phone> is down
    70 new date =<date>, type=<n>, <decimal>, old=<decimal>
    50 goal of <int> steps reached
    40 isMidnight <bool> <bigThree> <bigThree>
    30 tryToRead fromDate <int>
    20 insert ok, flag <n>
    10 database is <int> KB
    4 sensor <n> off
    3 sensor <n> on
    1 daylight saving changed
    1 begin of service
    `,
  ),
  kind(
    'harvest of records, import',
    {
      rec: (random) => `oai:${random.pick(['repo.uni-a', 'archiv.b', 'digi.c'])}.example:${random.int(1, 99999)}`,
      field: mostly(
        0.3,
        ['dc:date'],
        ['dc:title', 'dc:creator', 'edm:type', 'dcterms:isPartOf', 'dc:language', 'rights'],
      ),
      val: (random) =>
        random.pick([
          () => `'${random.letters(5)}'`,
          () => `'ca. ${random.int(1500, 1900)}'`,
          () => `"${random.letters(4)} ${random.letters(6)}"`,
          () => 'None',
          () => String(random.int(0, 3000)),
          () => `['${random.letters(4)}', '${random.letters(5)}']`,
          () => `{'de': '${random.letters(6)}'}`,
        ])(),
      lang: ['de', 'en', 'lat', 'zxx', 'German', 'mul'],
      enumOf: ["'TEXT', 'IMAGE', 'SOUND'", "'de', 'en'"],
      msgOf: ['Read timed out', 'Connection refused', 'Name or service not known'],
      set: mostly(0.5, ['maps'], ['manuscripts', 'theses', 'photo-archive', 'music']),
      ty: ['int', 'date', 'uri', 'lang'],
      el: ['titleInfo', 'originInfo', 'mods:name', 'place'],
      code: (random) => String(random.pick([404, 404, 410, 500, 503])),
      licence: ['CC-BY', 'CC0', 'InC', 'public domain', 'unknown'],
    },
    `
    2500 <rec>: <field>: <val> is not a valid <ty>
    1500 <rec>: mandatory field <field> is missing
    1200 <rec>: <field> has value <val>, expected one of <enumOf>
    700 <rec>: duplicate of <rec> (score <decimal>)
    500 <rec>: thumbnail https://img.<word>.example/<int>.jpg answered <code>
    400 <rec>: language <lang> is not in ISO 639-1
    350 <rec>: <field> repeated <n> times, at most 1 allowed
    300 <rec>: licence <licence> not recognised
    250 set <set>: <int> records, <int> deleted, <int> new
    200 set <set>: resumption token '<word>' expired
    150 set <set>: <msgOf> (try <n> of 5)
    120 <rec>: element <el> not allowed here (line <int>)
    100 <rec>: element <el> closed by </<el>> (line <int>)
    80 <rec>: date <date> is after harvest date <date>
    60 <rec>: coordinates (<decimal>, <decimal>) outside of bounds
    50 <rec>: control character <hex> removed from <field>
    40 <rec>: creator "<word>, <word>" not found in authority file, best match "<word>, <word>" at <decimal>
    30 <rec>: no usable rights statement
    20 <rec>: parent <rec> not imported
    12 schema mods-3-<n> loaded for set <set>
    10 batch <int>: <int> of <int> records rejected, threshold <int>%
    5 page <int> of set <set> is not well-formed: mismatched tag: line <int>, column <int>
    4 page <int> of set <set> is not well-formed: not well-formed (invalid token): line <int>, column <int>
    2 repository <word> speaks protocol 1.1, wanted 2.0
    1 no records match
    `,
  ),
]
