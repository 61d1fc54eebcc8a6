import type { IssueKind } from '../progress/issue.ts'

const PREFIX = { error: 'e', warning: 'w' } as const

/** A pattern's public id within its file, such as `e12`: never changes, though its text may widen. */
export const patternId = (kind: IssueKind, no: number): string => `${PREFIX[kind]}${no}`

/** The number behind an id, or null when the text is no id of that kind. */
export const parsePatternId = (kind: IssueKind, text: string): number | null => {
  if (!text.startsWith(PREFIX[kind]) || !/^[ew][1-9][0-9]{0,5}$/.test(text)) return null
  return Number(text.slice(1))
}
