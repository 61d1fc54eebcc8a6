/** Who may speak to a broker: each by a password, and all but one by the rules of that one. */
export interface KafkaUsers {
  /** Passwords, by name. */
  readonly passwords: Readonly<Record<string, string>>
  /** Whom no rule binds. */
  readonly superUser: string
}

/** Ports of a proxy: clients that come by it are told of no other way, and it brings them to a listener of their own. */
export interface KafkaProxy {
  readonly port: number
  readonly target: number
}

export interface Listeners {
  readonly clients: string
  readonly advertised: string
  readonly controller: string
  readonly proxied: { readonly clients: string; readonly advertised: string } | null
}

export interface SettingsOptions {
  readonly data: string
  readonly id: number
  /** How many brokers there are in all: each has everything, where there are several. */
  readonly size: number
  /** `ID@HOST:PORT`, by comma. */
  readonly voters: string
  readonly listeners: Listeners
  readonly users: KafkaUsers | null
}

/** What makes a broker of a test, which is its own controller, too. */
export const settingsOf = (options: SettingsOptions): Readonly<Record<string, string>> => {
  const { data, id, size, voters, listeners, users } = options
  const replicas = String(size)
  const enough = String(Math.ceil((size + 1) / 2))
  const protocol = users === null ? 'PLAINTEXT' : 'SASL_PLAINTEXT'
  const { proxied } = listeners
  const all = [`CLIENTS://${listeners.clients}`, `CONTROLLER://${listeners.controller}`]
  const advertised = [`CLIENTS://${listeners.advertised}`]
  if (proxied !== null) {
    all.push(`PROXIED://${proxied.clients}`)
    advertised.push(`PROXIED://${proxied.advertised}`)
  }
  return {
    'process.roles': 'broker,controller',
    'node.id': String(id),
    'log.dirs': data,
    listeners: all.join(),
    'advertised.listeners': advertised.join(),
    'listener.security.protocol.map': `CLIENTS:${protocol},PROXIED:${protocol},CONTROLLER:PLAINTEXT`,
    'inter.broker.listener.name': 'CLIENTS',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': voters,
    'num.partitions': '1',
    'default.replication.factor': replicas,
    'min.insync.replicas': enough,
    'offsets.topic.replication.factor': replicas,
    // Of several brokers one has all groups then, and a test knows which.
    'offsets.topic.num.partitions': size === 1 ? '5' : '1',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': enough,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': enough,
    // One that was killed is missed after 9 s by default.
    'broker.session.timeout.ms': '6000',
    'broker.heartbeat.interval.ms': '1000',
    // A group of a test need not wait for more members.
    'group.initial.rebalance.delay.ms': '0',
    'log.cleaner.dedupe.buffer.size': '2097152',
    'log.cleaner.backoff.ms': '500',
    ...(users === null ? {} : guardedBy(users)),
  }
}

const guardedBy = ({ passwords, superUser }: KafkaUsers): Readonly<Record<string, string>> => {
  const accounts = Object.entries(passwords).map(([name, password]) => ` user_${name}="${password}"`)
  const own = `username="${superUser}" password="${passwords[superUser]}"`
  return {
    'sasl.enabled.mechanisms': 'PLAIN',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'listener.name.clients.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${own}${accounts.join('')};`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // The controller's listener has no names, and nobody but the broker itself knows it.
    'super.users': `User:${superUser};User:ANONYMOUS`,
  }
}
