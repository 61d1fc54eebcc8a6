import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** The heap (bytes) when nothing is in it that could go. */
export const heapInUse = (): number => {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
