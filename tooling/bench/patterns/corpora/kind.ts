import { createRandom, type Random, shuffled } from './random.ts'

/** One kind of log or import: templates with shares, and how their fields are filled. */
export interface Kind {
  readonly name: string
  readonly templates: readonly { readonly share: number; readonly text: string }[]
  readonly fields: Readonly<Record<string, Field>>
}

/** A field is filled from a list, or by a function. */
export type Field = readonly string[] | ((random: Random) => string)

export interface LabelledLine {
  readonly message: string
  /** The template it was made from: what it should be grouped by. */
  readonly label: number
}

/** `lines` has one template a line, its share before it; `<field>` is filled in, `\n` and `\t` are read as escapes. */
export const kind = (name: string, fields: Kind['fields'], lines: string): Kind => ({
  name,
  fields,
  templates: lines
    .split('\n')
    .map((line) => /^\s*(\d+) (.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, share, text]) => ({
      share: Number(share),
      text: (text as string).replaceAll('\\n', '\n').replaceAll('\\t', '\t'),
    })),
})

/** One of the common values in that share of the lines, else one of the rare ones: as one user or host has most lines. */
export const mostly =
  (share: number, common: readonly string[], rare: readonly string[]): Field =>
  (random) =>
    random.pick(random.chance(share) ? common : rare)

/** About `size` lines, in random order: each template in proportion to its share, at least once. */
export const generate = ({ templates, fields }: Kind, size: number, seed: number): LabelledLine[] => {
  const random = createRandom(seed)
  const total = templates.reduce((sum, { share }) => sum + share, 0)
  const lines: LabelledLine[] = []
  for (const [label, { share, text }] of templates.entries()) {
    const count = Math.max(1, Math.round((share / total) * size))
    for (let made = 0; made < count; made += 1) lines.push({ message: fill(text, fields, random), label })
  }
  return shuffled(lines, random)
}

const fill = (text: string, fields: Kind['fields'], random: Random): string =>
  text.replaceAll(/<([a-z][a-zA-Z]*)>/g, (whole, name: string) => {
    const field = fields[name] ?? COMMON[name]
    if (field === undefined) return whole
    return typeof field === 'function' ? field(random) : random.pick(field)
  })

const two = (random: Random, low: number, high: number): string => String(random.int(low, high)).padStart(2, '0')
const time = (random: Random): string => `${two(random, 0, 23)}:${two(random, 0, 59)}:${two(random, 0, 59)}`
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const ip = (random: Random): string => `10.${random.int(0, 255)}.${random.int(0, 255)}.${random.int(1, 254)}`

/** Fields that any kind may use. */
const COMMON: Readonly<Record<string, Field>> = {
  n: (random) => String(random.int(0, 9)),
  int: (random) => String(random.int(0, 10 ** random.int(1, 5))),
  big: (random) => random.digits(random.int(8, 13)),
  decimal: (random) => `${random.int(0, 900)}.${random.digits(random.int(1, 4))}`,
  hex: (random) => `0x${random.hex(random.int(2, 8))}`,
  hash: (random) => random.hex(32),
  uuid: (random) => [8, 4, 4, 4, 12].map((length) => random.hex(length)).join('-'),
  ip,
  port: (random) => String(random.int(1024, 65535)),
  addr: (random) => `${ip(random)}:${random.int(1024, 65535)}`,
  mac: (random) => Array.from({ length: 6 }, () => random.hex(2)).join(':'),
  time,
  date: (random) => `20${two(random, 10, 25)}-${two(random, 1, 12)}-${two(random, 1, 28)}`,
  stamp: (random) => `20${two(random, 10, 25)}-${two(random, 1, 12)}-${two(random, 1, 28)} ${time(random)}`,
  iso: (random) =>
    `20${two(random, 10, 25)}-${two(random, 1, 12)}-${two(random, 1, 28)}T${time(random)}.${random.digits(3)}Z`,
  ctime: (random) =>
    `${random.pick(DAYS)} ${random.pick(MONTHS)} ${String(random.int(1, 28)).padStart(2, ' ')} ${time(random)} 20${two(random, 10, 25)}`,
  ms: (random) => `${random.int(1, 90_000)} ms`,
  mail: (random) => `${random.letters(random.int(3, 9))}@${random.letters(random.int(4, 8))}.example.com`,
  word: (random) => random.letters(random.int(4, 9)),
}
