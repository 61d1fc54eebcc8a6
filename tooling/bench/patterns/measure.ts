import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { maskMessage } from '../../../packages/core/src/patterns/mask-message.ts'
import { createPatternTable } from '../../../packages/core/src/patterns/pattern-table.ts'
import { patternText } from '../../../packages/core/src/patterns/template.ts'
import { clusters } from './corpora/clusters.ts'
import { edge } from './corpora/edge.ts'
import { everyday } from './corpora/everyday.ts'
import { heldOutChance } from './corpora/held-out-chance.ts'
import { heldOutDaemons } from './corpora/held-out-daemons.ts'
import { heldOutDoors } from './corpora/held-out-doors.ts'
import { heldOutFleets } from './corpora/held-out-fleets.ts'
import { heldOutGuilds } from './corpora/held-out-guilds.ts'
import { heldOutHosts } from './corpora/held-out-hosts.ts'
import { heldOutLater } from './corpora/held-out-later.ts'
import { heldOutLoads } from './corpora/held-out-loads.ts'
import { heldOutSites } from './corpora/held-out-sites.ts'
import { heldOutTrades } from './corpora/held-out-trades.ts'
import { heldOutWards } from './corpora/held-out-wards.ts'
import { imports } from './corpora/imports.ts'
import { generate, type Kind } from './corpora/kind.ts'
import { loaders } from './corpora/loaders.ts'
import { machines } from './corpora/machines.ts'
import { accuracyOf, changedByOrder, groupLines } from './score.ts'

const USAGE = `node measure.ts [--held-out] [--show KIND] [--speed] [--lines 2000] [--seed 7] [--orders 5]
  Grouping accuracy and stability on the corpora; --held-out on those put aside; --show what went wrong in a kind;
  --speed messages a second instead.`

const { values: options } = parseArgs({
  options: {
    'held-out': { type: 'boolean', default: false },
    show: { type: 'string' },
    speed: { type: 'boolean', default: false },
    lines: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '7' },
    orders: { type: 'string', default: '5' },
    help: { type: 'boolean', default: false },
  },
})

const main = (): void => {
  if (options.help) {
    console.log(USAGE)
    return
  }
  const kinds = options['held-out']
    ? [
        ...heldOutSites,
        ...heldOutChance,
        ...heldOutDaemons,
        ...heldOutHosts,
        ...heldOutDoors,
        ...heldOutLoads,
        ...heldOutLater,
        ...heldOutTrades,
        ...heldOutFleets,
        ...heldOutGuilds,
        ...heldOutWards,
      ]
    : [...clusters, ...machines, ...edge, ...everyday, ...imports, ...loaders]
  if (options.speed) measureSpeed(kinds)
  else measureAccuracy(kinds)
}

const measureAccuracy = (kinds: readonly Kind[]): void => {
  console.log('| kind | accuracy | groups | templates | changed by order |\n|---|---|---|---|---|')
  const sums = { share: 0, changed: 0 }
  for (const kind of kinds) {
    const lines = generate(kind, Number(options.lines), Number(options.seed))
    const messages = lines.map(({ message }) => message)
    const { table, numbers } = groupLines(messages)
    const { share, groups, templates, wrong } = accuracyOf(lines, numbers)
    const changed = changedByOrder(messages, Number(options.orders), Number(options.seed))
    sums.share += share
    sums.changed += changed
    console.log(`| ${kind.name} | ${share.toFixed(3)} | ${groups} | ${templates} | ${(changed * 100).toFixed(1)} % |`)
    if (options.show === undefined || !kind.name.includes(options.show)) continue
    for (const { label, numbers: found } of wrong) {
      console.log(`    wanted ${kind.templates[label]?.text}`)
      for (const no of found.slice(0, 6)) console.log(`       got ${patternText(table.row(no)?.template ?? '')}`)
    }
  }
  const mean = (sum: number): number => sum / kinds.length
  console.log(`| mean | ${mean(sums.share).toFixed(3)} | | | ${(mean(sums.changed) * 100).toFixed(2)} % |`)
}

/** Masking and adding, in CPU time of this process, the best of five rounds. */
const measureSpeed = (kinds: readonly Kind[]): void => {
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}`)
  console.log('| kind | characters | messages/s |\n|---|---|---|')
  for (const kind of kinds) {
    const messages = generate(kind, 50_000, Number(options.seed)).map(({ message }) => message)
    let best = 0
    for (let round = 0; round < 5; round += 1) {
      const table = createPatternTable()
      const before = process.cpuUsage().user
      for (const message of messages) table.add(maskMessage(message))
      best = Math.max(best, messages.length / ((process.cpuUsage().user - before) / 1e6))
    }
    const length = messages.reduce((sum, message) => sum + message.length, 0) / messages.length
    console.log(`| ${kind.name} | ${Math.round(length)} | ${Math.round(best / 1000)},000 |`)
  }
}

main()
