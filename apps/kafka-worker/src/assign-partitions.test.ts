import kafkajs, { type Cluster, type GroupMember } from 'kafkajs'
import { expect, it } from 'vitest'
import { createAssignPartitions } from './assign-partitions.ts'

const { MemberAssignment, MemberMetadata } = kafkajs.AssignerProtocol

const memberOf = (memberId: string, ...topics: readonly string[]): GroupMember => ({
  memberId,
  memberMetadata: MemberMetadata.encode({ version: 0, topics: [...topics], userData: Buffer.alloc(0) }),
})

/** What the leader deals, which reads `own`; the other topics have two partitions, or are not to be seen. */
const deal = async (members: GroupMember[], ownPartitions: number, { unseen = false } = {}) => {
  const said: object[] = []
  const assigner = createAssignPartitions({
    admin: {
      fetchTopicMetadata: async () => {
        if (unseen) throw new Error('TOPIC_AUTHORIZATION_FAILED')
        return { topics: [{ partitions: [{ partitionId: 0 }, { partitionId: 1 }] }] } as never
      },
    },
    log: { warn: (facts) => said.push(facts) },
  })({
    cluster: {
      findTopicPartitionMetadata: () => Array.from({ length: ownPartitions }, (_, partitionId) => ({ partitionId })),
    } as unknown as Cluster,
    groupId: 'group',
    logger: null as never,
  })
  const dealt = await assigner.assign({ members, topics: ['own'] })
  const its = dealt.map(({ memberId, memberAssignment }) => [
    memberId,
    { ...MemberAssignment.decode(memberAssignment)?.assignment },
  ])
  return { dealt: Object.fromEntries(its), said: said.length }
}

it('the partitions of each topic are dealt in turn to those that read it', async () => {
  const members = [memberOf('c', 'own'), memberOf('a', 'own'), memberOf('b', 'other')]
  expect(await deal(members, 5)).toEqual({
    dealt: { a: { own: [0, 2, 4] }, b: { other: [0, 1] }, c: { own: [1, 3] } },
    said: 0,
  })
})

it('a topic that the leader may not see is said, and the others are read', async () => {
  const members = [memberOf('a', 'own'), memberOf('b', 'other')]
  expect(await deal(members, 1, { unseen: true })).toEqual({ dealt: { a: { own: [0] } }, said: 1 })
})
