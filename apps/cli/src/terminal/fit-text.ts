import stringWidth from 'string-width'

/** Cells that the text takes on a terminal. */
export const widthOf = (text: string): number => stringWidth(text)

/** Exactly `width` cells: filled with spaces, or cut with an ellipsis. */
export const fitText = (text: string, width: number): string => {
  const cut = cutText(text, width)
  return cut + ' '.repeat(Math.max(0, width - widthOf(cut)))
}

/** At most `width` cells, cut at a character that people would call one. Expects text without escapes. */
export const cutText = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  let shown = ''
  let taken = 0
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const cells = widthOf(segment)
    if (taken + cells > width - 1) break
    shown += segment
    taken += cells
  }
  return width < 1 ? '' : `${shown}…`
}
