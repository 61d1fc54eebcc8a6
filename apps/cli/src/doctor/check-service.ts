import type { Config } from '@pebbles/runtime'
import { checkPort, isPebbles } from '../processes/check-port.ts'
import type { Connection } from '../service/connection.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** Whether a service could start here, or runs already and is ready. */
export const checkService = async (config: Config, connection: Connection): Promise<readonly Finding[]> => [
  await checkListening(config),
  await checkReady(connection),
]

const checkListening = async ({ listenHost, port }: Config): Promise<Finding> => {
  const at = `${escapeText(listenHost)}:${port}`
  switch (await checkPort(listenHost, port)) {
    case 'free':
      return ok('port', `${at} is free`)
    case 'taken':
      return (await isPebbles(listenHost, port))
        ? ok('port', `Pebbles runs on ${at}`)
        : fail('port', `${at} is taken by another program`, 'Stop it, or set PORT')
    case 'not allowed':
      return fail('port', `this user may not listen on ${at}`, 'Set PORT to one above 1023')
    case 'no such address':
      return fail(
        'port',
        `${escapeText(listenHost)} is no address of this machine`,
        'Set HOST=127.0.0.1 or HOST=0.0.0.0',
      )
  }
}

const checkReady = async ({ url, token, withoutToken }: Connection): Promise<Finding> => {
  try {
    const answer = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(5_000), redirect: 'manual' })
    const { components } = (await answer.json()) as { components?: Record<string, { ok?: boolean; detail?: string }> }
    const away = Object.entries(components ?? {}).filter(([, state]) => state.ok !== true)
    if (!answer.ok || away.length > 0)
      return fail(
        'service',
        `${url} is not ready: ${away.map(([name, { detail = 'failed' }]) => `${escapeText(name)} (${escapeText(detail)})`).join(', ') || answer.status}`,
        'Look at its log',
      )
    return token === null
      ? warn('service', `${url} is ready, but there is no token: ${withoutToken ?? ''}`, 'Set PEBBLES_TOKEN')
      : ok('service', `${url} is ready`)
  } catch {
    return warn('service', `nothing answers at ${url}`, 'Start it with "npm start", or set PEBBLES_URL')
  }
}
