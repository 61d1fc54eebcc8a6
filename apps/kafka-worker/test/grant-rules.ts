import { readFileSync } from 'node:fs'
import kafkajs, { type AclEntry, type Admin } from 'kafkajs'

/** One thing that a user may do. */
export interface Rule {
  readonly on: 'topic' | 'dead' | 'group'
  readonly operation: Operation
  /** Behind the name of the group. */
  readonly suffix: string
  readonly prefixed: boolean
}

type Operation = keyof typeof OPERATIONS

/** What the rules of a job are about. */
export interface Names {
  readonly topic: string
  readonly dead: string
  readonly group: string
}

const { AclResourceTypes, AclOperationTypes, AclPermissionTypes, ResourcePatternTypes } = kafkajs
const OPERATIONS = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Delete: AclOperationTypes.DELETE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
}

const guide = readFileSync(new URL('../../../docs/guides/queues.md', import.meta.url), 'utf8')

/** What the guide says that a job needs: a row of its table of permissions on Kafka. */
export const rulesOf = (job: 'the worker' | 'dlq list' | 'dlq replay' | 'doctor'): readonly Rule[] => {
  const row = guide.split('\n').find((line) => line.startsWith('| ') && line.split('|')[1]?.includes(job))
  const [, , topic = '', dead = '', groups = ''] = row?.split('|') ?? []
  const [, suffix = '', star = ''] = /`G([^*`]*)(\*?)`/.exec(groups) ?? []
  const rules = (on: Rule['on'], cell: string, more: Pick<Rule, 'suffix' | 'prefixed'>): readonly Rule[] =>
    (cell.match(/DescribeConfigs|Describe|Read|Write|Delete/g) ?? []).map((operation) => ({
      ...{ on, operation: operation as Operation },
      ...more,
    }))
  const plain = { suffix: '', prefixed: false }
  return [
    ...rules('topic', topic, plain),
    ...rules('dead', dead, plain),
    ...rules('group', groups, { suffix, prefixed: star !== '' }),
  ]
}

export const grant = async (admin: Admin, user: string, names: Names, rules: readonly Rule[]): Promise<void> => {
  await admin.createAcls({ acl: rules.map((rule) => entryOf(user, names, rule)) })
}

export const revoke = async (admin: Admin, user: string, names: Names, rules: readonly Rule[]): Promise<void> => {
  await admin.deleteAcls({ filters: rules.map((rule) => entryOf(user, names, rule)) })
}

const entryOf = (user: string, { topic, dead, group }: Names, rule: Rule): AclEntry => {
  const { on, operation, suffix, prefixed } = rule
  return {
    principal: `User:${user}`,
    host: '*',
    operation: OPERATIONS[operation],
    permissionType: AclPermissionTypes.ALLOW,
    resourceType: on === 'group' ? AclResourceTypes.GROUP : AclResourceTypes.TOPIC,
    resourceName: { topic, dead, group: `${group}${suffix}` }[on],
    resourcePatternType: prefixed ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
  }
}
