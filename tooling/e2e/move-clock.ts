import { readFileSync } from 'node:fs'

/**
 * Loaded before a program: on SIGUSR2 its wall clock moves by the milliseconds that stand in the file `CLOCK_FILE`, and
 * it logs that it did.
 */
const RealDate = Date
let offset = 0

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given: []) => Reflect.construct(target, given.length === 0 ? [target.now() + offset] : given),
  get: (target, name, self) => (name === 'now' ? () => target.now() + offset : Reflect.get(target, name, self)),
})

process.on('SIGUSR2', () => {
  offset = Number(readFileSync(process.env['CLOCK_FILE'] as string, 'utf8'))
  process.stdout.write(`${JSON.stringify({ level: 'info', msg: `clock moved by ${offset}` })}\n`)
})
