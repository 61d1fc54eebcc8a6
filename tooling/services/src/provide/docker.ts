import { request } from 'node:http'

/**
 * Whether a Docker API answers here, asked before testcontainers is loaded: that takes a second, and most machines of
 * a test run have either a daemon or none.
 */
export const dockerAnswers = (): Promise<boolean> => {
  answering ??= ask(process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock')
  return answering
}

let answering: Promise<boolean> | undefined

const ask = (host: string): Promise<boolean> =>
  new Promise((done) => {
    const url = new URL(host)
    const at = url.protocol === 'unix:' ? { socketPath: url.pathname } : { host: url.hostname, port: url.port }
    const ping = request({ ...at, path: '/_ping', timeout: 2_000 }, (answer) => {
      answer.resume()
      done(answer.statusCode === 200)
    })
    ping.once('timeout', () => ping.destroy())
    ping.once('error', () => done(false))
    ping.end()
  })
