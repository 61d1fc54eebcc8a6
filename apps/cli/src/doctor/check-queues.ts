import type { Config, Environment } from '@pebbles/runtime'
import { askWorker } from '../processes/ask-worker.ts'
import { escapeText } from '../terminal/escape-text.ts'
import { type Finding, fail } from './finding.ts'

/** What the workers that are enabled find of their queues. */
export const checkQueues = async (config: Config, environment: Environment): Promise<readonly Finding[]> => {
  const found: Finding[] = []
  for (const name of [
    ...(config.sqsEnabled ? (['sqs-worker'] as const) : []),
    ...(config.kafkaEnabled ? (['kafka-worker'] as const) : []),
  ]) {
    try {
      const answer = await askWorker<{ readonly findings: readonly Finding[] }>(name, ['doctor'], environment)
      for (const { message, cure, ...finding } of answer?.findings ?? [])
        found.push({ ...finding, message: escapeText(message), cure: cure === null ? null : escapeText(cure) })
    } catch (error) {
      found.push(fail(name, (error as Error).message, 'Check its address, and that this user may reach it'))
    }
  }
  return found
}
