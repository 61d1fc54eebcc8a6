import { setTimeout as delay } from 'node:timers/promises'
import type { Admin, ITopicConfig } from 'kafkajs'

const LOOK_EVERY_MS = 20

/**
 * Resolves when each partition has a leader. A broker that is busy may not know yet what it has just made, which ends the
 * client's own wait.
 */
export const createTopic = async (admin: Admin, config: ITopicConfig): Promise<void> => {
  await admin.createTopics({ topics: [config], waitForLeaders: false })
  const isLed = async (): Promise<boolean> => {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [config.topic] })
      return topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))
    } catch (error) {
      if ((error as { readonly retriable?: boolean }).retriable === true) return false
      throw error
    }
  }
  while (!(await isLed())) await delay(LOOK_EVERY_MS)
}
