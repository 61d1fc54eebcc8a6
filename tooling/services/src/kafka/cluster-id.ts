import { randomUUID } from 'node:crypto'

/** An id as Kafka writes those of its clusters. One that began with a dash its tools would take for an option. */
export const newClusterId = (newUuid: () => string = randomUUID): string => {
  for (;;) {
    const id = Buffer.from(newUuid().replaceAll('-', ''), 'hex').toString('base64url')
    if (!id.startsWith('-')) return id
  }
}
