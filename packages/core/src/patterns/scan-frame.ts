import { codeAt, isDigit, isWordCharacter } from './character-classes.ts'

/**
 * Whether the line that begins at `start` is a frame of a stack trace. Its words then never vary: traces are told
 * apart by where they went through. Known are the forms of Java, .NET and JavaScript (`at x (y:1)`), Python
 * (`File "y", line 1, in x`), Ruby (`from y:1:in x`), PHP and gdb (`#0 x`), Rust (`3: x`) and Go (`/y.go:1 +0x1d`).
 */
export const isFrame = (text: string, start: number): boolean => {
  let at = start
  while (codeAt(text, at) === 32 || codeAt(text, at) === 9) at += 1
  const indented = at > start
  const code = codeAt(text, at)
  if (code === 97) return indented && text.startsWith('at ', at)
  if (code === 70) return text.startsWith('File "', at) && lineHas(text, at, '", line ')
  if (code === 102) return indented && text.startsWith('from ', at) && lineHas(text, at, ':in ')
  if (code === 35) return isDigit(codeAt(text, at + 1))
  if (code === 47) return indented && lineHas(text, at, ':')
  if (code === 46) return indented && text.startsWith('... ', at)
  if (isDigit(code)) {
    while (isDigit(codeAt(text, at))) at += 1
    return indented && text.startsWith(': ', at) && isWordCharacter(codeAt(text, at + 2))
  }
  return false
}

const LOOK_AHEAD = 300

const lineHas = (text: string, start: number, part: string): boolean => {
  const line = text.slice(start, start + LOOK_AHEAD)
  const at = line.indexOf(part)
  const end = line.indexOf('\n')
  return at >= 0 && (end < 0 || at < end)
}
