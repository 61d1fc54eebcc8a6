import { createServer } from 'node:net'
import { CliError } from '../cli-error.ts'
import { EXIT } from '../exit-codes.ts'

export type PortState = 'free' | 'taken' | 'not allowed' | 'no such address'

/** Whether this machine would let a process listen there now. */
export const checkPort = (host: string, port: number): Promise<PortState> =>
  new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const state = STATES[error.code ?? '']
      if (state === undefined) reject(error)
      else resolve(state)
    })
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve('free')))
  })

const STATES: Readonly<Record<string, PortState>> = {
  EADDRINUSE: 'taken',
  EACCES: 'not allowed',
  EADDRNOTAVAIL: 'no such address',
  ENOTFOUND: 'no such address',
  EAI_AGAIN: 'no such address',
}

/** Says in one sentence why nothing can listen there. */
export const assertPortFree = async (host: string, port: number): Promise<void> => {
  const state = await checkPort(host, port)
  switch (state) {
    case 'free':
      return
    case 'taken':
      throw new CliError({
        exit: EXIT.unavailable,
        code: 'PORT_TAKEN',
        message: (await isPebbles(host, port))
          ? `Pebbles runs already on port ${port}.`
          : `Port ${port} is taken by another program.`,
        next: `Stop it, or take another port: PORT=${port === 65_535 ? port - 1 : port + 1} npm start`,
      })
    case 'not allowed':
      throw new CliError({
        exit: EXIT.notAllowed,
        message: `This user may not listen on port ${port}.`,
        next: 'Take one above 1023: PORT=8081 npm start',
      })
    case 'no such address':
      throw new CliError({
        exit: EXIT.config,
        message: `HOST=${host} is no address of this machine.`,
        next: 'For example HOST=127.0.0.1, or HOST=0.0.0.0 for all addresses.',
      })
  }
}

/** Whether what listens there describes itself as Pebbles. */
export const isPebbles = async (host: string, port: number): Promise<boolean> => {
  const target = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  try {
    const answer = await fetch(`http://${target.includes(':') ? `[${target}]` : target}:${port}/openapi.json`, {
      signal: AbortSignal.timeout(1_500),
      redirect: 'manual',
    })
    return (
      answer.ok && ((await answer.json()) as { info?: { title?: string } }).info?.title?.includes('Pebbles') === true
    )
  } catch {
    return false
  }
}
