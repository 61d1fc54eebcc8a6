import { anUpdate, type TestStore } from './open-test-store.ts'

const FILES = 8
const ERRORS = 12
const ERROR_LENGTH = 16 * 1024

/** The heap of a worker that has little (MiB), and the variables that give it no more. */
export const LITTLE_HEAP_MIB = 96
export const LITTLE_MEMORY = { NODE_OPTIONS: `--max-old-space-size=${LITTLE_HEAP_MIB}` }

/** In all 450 MiB. */
export const HEAVY_MESSAGES = 2_400

/** A message of 192 KiB and a little, most of which is what its errors say. */
export const aHeavyMessage = (n: number): string => {
  const errors = Array.from({ length: ERRORS }, (_, at) => {
    const message = `row ${n}: the value ${at} is too large, `
    return { line: at + 1, message: message.repeat(ERROR_LENGTH / message.length + 1).slice(0, ERROR_LENGTH) }
  })
  return JSON.stringify(anUpdate({ filename: `f${n % FILES}.csv`, errors }))
}

/** What so many of them come to. */
export const heavySumsOf = (messages: number) => ({ done: messages, errors: messages * ERRORS })

/** What was counted of them. */
export const heavySums = async ({ state }: Pick<TestStore, 'state'>): Promise<ReturnType<typeof heavySumsOf>> => {
  const sums = { done: 0, errors: 0 }
  for (let n = 0; n < FILES; n += 1) {
    const found = await state(`f${n}.csv`)
    sums.done += found?.counts.done ?? 0
    sums.errors += found?.issues.error.count ?? 0
  }
  return sums
}
