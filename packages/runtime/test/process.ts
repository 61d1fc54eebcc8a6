import { setTimeout as delay } from 'node:timers/promises'
import { createLogger, runProcess } from '../src/index.ts'

/** A process that does as its argument says, for the tests of how processes end. */
const [, , manner = ''] = process.argv
const log = createLogger({ name: 'test', level: 'info' })

await runProcess(log, 2_000, async (lifecycle) => {
  const alive = setInterval(() => undefined, 60_000)
  lifecycle.register('store', {
    stop: async () => {
      clearInterval(alive)
      log.info('store closed')
    },
  })
  if (manner === 'corrupt') throw Object.assign(new Error('the file is damaged'), { code: 'STORE_CORRUPT' })
  if (manner === 'hang') lifecycle.register('http', { stop: () => new Promise(() => undefined) })
  else lifecycle.register('http', { stop: () => delay(20) })
  if (manner === 'throw')
    setImmediate(() => {
      throw new Error('nobody catches this')
    })
  if (manner === 'reject') setImmediate(() => void Promise.reject(new Error('nobody catches this')))
  log.info('started')
})
