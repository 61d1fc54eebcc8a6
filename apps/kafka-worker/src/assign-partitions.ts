import kafkajs, { type Admin, type GroupMember, type PartitionAssigner } from 'kafkajs'

export interface AssignPartitionsDeps {
  readonly admin: Pick<Admin, 'fetchTopicMetadata'>
  readonly log: { readonly warn: (facts: object, text: string) => void }
}

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol
const VERSION = 0

/**
 * Deals the partitions of each topic to the members that read it, in turn. The client's own way deals those of the
 * leader's topic to all members: where two topics have one group, one would not be read at all and the other in part, and
 * nobody would hear of it.
 */
export const createAssignPartitions =
  ({ admin, log }: AssignPartitionsDeps): PartitionAssigner =>
  ({ cluster }) => {
    /** Not among the topics that the client looks after: one that is deleted would end a reader of another. */
    const partitionsElsewhere = async (topic: string): Promise<readonly number[]> => {
      try {
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
        return topics.flatMap(({ partitions }) => partitions.map(({ partitionId }) => partitionId))
      } catch (err) {
        log.warn({ err, topic }, 'another topic of this group is not to be seen from here: nobody reads it')
        return []
      }
    }
    return {
      // As the client's own: members of other versions know it.
      name: 'RoundRobinAssigner',
      version: VERSION,
      protocol({ topics }) {
        const metadata = MemberMetadata.encode({ version: VERSION, topics, userData: Buffer.alloc(0) })
        return { name: this.name, metadata }
      },
      assign: async ({ members, topics: own }) => {
        const dealt = new Map<string, Record<string, number[]>>()
        for (const [topic, readers] of readersOf(members)) {
          const partitions = own.includes(topic)
            ? cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)
            : await partitionsElsewhere(topic)
          for (const [index, partition] of partitions.entries()) {
            const reader = readers[index % readers.length] as string
            const its = dealt.get(reader) ?? {}
            its[topic] = [...(its[topic] ?? []), partition]
            dealt.set(reader, its)
          }
        }
        return [...dealt].map(([memberId, assignment]) => ({
          memberId,
          memberAssignment: MemberAssignment.encode({ version: VERSION, assignment, userData: Buffer.alloc(0) }),
        }))
      },
    }
  }

/** By topic, always in the same order. */
const readersOf = (members: readonly GroupMember[]): ReadonlyMap<string, readonly string[]> => {
  const readers = new Map<string, string[]>()
  const sorted = members.toSorted((one, other) => (one.memberId < other.memberId ? -1 : 1))
  for (const { memberId, memberMetadata } of sorted)
    for (const topic of MemberMetadata.decode(memberMetadata)?.topics ?? [])
      readers.set(topic, [...(readers.get(topic) ?? []), memberId])
  return readers
}
