import type { Field, Kind } from './kind.ts'
import { createRandom, type Random } from './random.ts'

/**
 * Put aside: kinds made by chance, in sentences that mean nothing, so that no knowledge of any program helps. Templates
 * of three to nine words with up to three values between them; names come from stocks of 8 to 40.
 */
export const heldOutChance: readonly Kind[] = [1, 2, 3, 4].map((seed) => chanceKind(seed))

function chanceKind(seed: number): Kind {
  const random = createRandom(seed * 7_919)
  const stock = Array.from({ length: 120 }, () => madeUpWord(random))
  const fields: Record<string, Field> = {}
  for (const name of ['na', 'nb', 'nc'])
    fields[name] = Array.from({ length: random.int(8, 40) }, () => madeUpWord(random))
  const values = ['int', 'decimal', 'hex', 'uuid', 'ip', 'addr', 'stamp', 'ms', 'mail', 'na', 'nb', 'nc']
  const templates = Array.from({ length: 25 }, () => {
    const parts = Array.from({ length: random.int(3, 9) }, () => random.pick(stock))
    for (let slots = random.int(0, 3); slots > 0; slots -= 1)
      parts.splice(random.int(1, parts.length), 0, withSigns(random, `<${random.pick(values)}>`))
    return { share: random.int(1, 40), text: parts.join(' ') }
  })
  return { name: `made by chance, ${seed}`, templates, fields }
}

function withSigns(random: Random, value: string): string {
  return random.pick([value, value, `(${value})`, `[${value}]`, `${value},`, `${value}:`, `"${value}"`, `key=${value}`])
}

function madeUpWord(random: Random): string {
  const syllables = random.int(2, 3)
  return Array.from({ length: syllables }, () => random.pick([...'bdfgklmnprstvw']) + random.pick([...'aeiou'])).join(
    '',
  )
}
