import { type ChildProcess, spawn } from 'node:child_process'

/**
 * A shell that waits for its standard input to end, which happens when this process ends, in whatever way, and then
 * kills what is still on its list. No handler in this process can do that: it may be killed itself.
 */
const SCRIPT = `
while read -r op pid dir; do
  case "$op" in
    +) list="$list
$pid $dir" ;;
    -) list=$(printf '%s\\n' "$list" | grep -v "^$pid ") ;;
  esac
done
printf '%s\\n' "$list" | while read -r pid dir; do
  [ -n "$pid" ] && kill -9 "$pid" 2>/dev/null
  [ -n "$dir" ] && rm -rf "$dir" && sleep 0.2 && rm -rf "$dir"
done`

let reaper: ChildProcess | undefined

const tell = (line: string): void => {
  if (reaper === undefined) {
    // A group of its own: Ctrl-C in a terminal reaches every process of the group, and this one has work to do then.
    reaper = spawn('sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    reaper.unref()
    if (reaper.stdin !== null && 'unref' in reaper.stdin) (reaper.stdin as unknown as { unref: () => void }).unref()
  }
  reaper.stdin?.write(`${line}\n`)
}

/** From now on the process dies with this one, and its folder is removed. */
export const dieWithParent = (pid: number, folder: string): void => tell(`+ ${pid} ${folder}`)

/** It has ended by itself; its number may soon be another's. */
export const forget = (pid: number): void => tell(`- ${pid}`)
