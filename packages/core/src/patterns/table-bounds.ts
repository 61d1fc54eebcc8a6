/** The bounds of one file's table: patterns, {OTHER} among them, and bytes in all. */
export const MOST_PATTERNS = 1_000
export const MOST_COST = 128 * 1_024

/** What a row takes besides its text: its numbers. */
const ROW_COST = 24
export const MERGED_COST = ROW_COST
const PLACEHOLDER_COST = 12

/** The bytes a pattern takes, as UTF-8, each placeholder as long as the longest: widening one costs nothing. */
export const costOf = (template: string): number => {
  let cost = ROW_COST
  for (let at = 0; at < template.length; at += 1) {
    const code = template.charCodeAt(at)
    if (code === 123) cost += PLACEHOLDER_COST - 2
    cost += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3
  }
  return cost
}

/** From here on patterns are merged more readily, so that a table rarely fills up. */
const CROWDED = 500

/** How much of the usual weight a family must have, in a table of so many patterns. */
export const easeAt = (patterns: number): number =>
  patterns <= CROWDED ? 1 : Math.max(0.4, 1 - (patterns - CROWDED) / (MOST_PATTERNS - CROWDED))
