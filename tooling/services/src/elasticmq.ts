import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './process/free-port.ts'
import { spawnServer } from './process/spawn-server.ts'
import { startContainer } from './provide/container.ts'
import { dockerAnswers } from './provide/docker.ts'
import { fetchJars } from './provide/fetch-jars.ts'
import { foreignServer, type Server } from './server.ts'

export interface ElasticMq extends Server {
  /** For `SQS_ENDPOINT`; any credentials and region do. Queues are made by CreateQueue. */
  readonly endpoint: string
}

export interface ElasticMqOptions {
  /** The caller will kill or pause it, so a server of the environment will not do. */
  readonly faults?: boolean
}

const CURE =
  'No SQS for the tests. Any of these gives one: PEBBLES_TEST_SQS_ENDPOINT; a Docker API; java 17 or newer with mvn, which fetches ElasticMQ 1.6.14 once (37 MB) into ~/.cache/pebbles.'
const IMAGE = process.env['PEBBLES_TEST_ELASTICMQ_IMAGE'] ?? 'softwaremill/elasticmq:1.6.14'

/** Starts ElasticMQ, which speaks the protocol of SQS, or takes what answers at `PEBBLES_TEST_SQS_ENDPOINT`. Queues are kept in memory: a restart empties it. */
export const startElasticMq = async ({ faults = false }: ElasticMqOptions = {}): Promise<ElasticMq> => {
  const given = process.env['PEBBLES_TEST_SQS_ENDPOINT']
  if (given !== undefined && !faults) return { ...foreignServer('SQS'), endpoint: given }
  if (await dockerAnswers()) return startElasticMqContainer()
  const jars = await fetchJars({
    name: 'elasticmq-1.6.14',
    sha256: '45bf690e8af48ff6bba91779fa9fe7fcb3a190c71a6f623b05bf143042d99a2a',
    artifacts: ['org.elasticmq:elasticmq-server_2.13:1.6.14'],
    cure: CURE,
  })
  const server = await spawnServer({
    name: 'elasticmq',
    command: 'java',
    args: ({ folder }) => [
      ...['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', `-Dconfig.file=${join(folder, 'elasticmq.conf')}`],
      ...['-cp', jars, 'org.elasticmq.server.Main'],
    ],
    prepare: ({ folder, port }) => writeFile(join(folder, 'elasticmq.conf'), configuration(port, port, '127.0.0.1')),
    check: ({ port }) => checkSqs(`http://127.0.0.1:${port}`),
  })
  return { ...server, endpoint: `http://127.0.0.1:${server.port}` }
}

const configuration = (port: number, bind: number, host: string): string => `include classpath("application.conf")
node-address { protocol = http, host = "127.0.0.1", port = ${port}, context-path = "" }
rest-sqs { enabled = true, bind-port = ${bind}, bind-hostname = "${host}", sqs-limits = strict }
rest-stats { enabled = false }
queues {}
`

const startElasticMqContainer = async (): Promise<ElasticMq> => {
  const port = await freePort()
  const server = await startContainer({
    image: IMAGE,
    files: [{ content: configuration(port, 9324, '0.0.0.0'), target: '/opt/elasticmq.conf' }],
    ports: [{ container: 9324, host: port }],
    check: () => checkSqs(`http://127.0.0.1:${port}`),
  })
  return { ...server, endpoint: `http://127.0.0.1:${port}` }
}

const checkSqs = async (endpoint: string): Promise<void> => {
  const answer = await fetch(`${endpoint}/`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues' },
    body: '{}',
    signal: AbortSignal.timeout(2_000),
  })
  const body = await answer.text()
  if (!answer.ok) throw new Error(`ElasticMQ answers ${answer.status}: ${body}`)
}
