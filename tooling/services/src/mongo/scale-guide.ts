import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'

type Fields = Readonly<Record<string, unknown>>
export interface GuideRole extends Fields {
  readonly role: string
}

/** What docs/guides/scale.md has an operator type, so that tests do that and nothing else. */
export interface ScaleGuide {
  readonly roles: readonly GuideRole[]
  /** As sh.shardCollection takes them; `collection` without its database. */
  readonly shardKeys: readonly (readonly [collection: string, key: Fields])[]
  /** Indexes that are made before. */
  readonly indexes: readonly (readonly [collection: string, key: Fields])[]
}

const GUIDE = new URL('../../../../docs/guides/scale.md', import.meta.url)

/** Runs what the guide has for mongosh on a `db` and an `sh` that only take notes. */
export const readScaleGuide = (): ScaleGuide => {
  const roles: GuideRole[] = []
  const shardKeys: [string, Fields][] = []
  const indexes: [string, Fields][] = []
  const commands: Fields = {
    createRole: (role: GuideRole) => void roles.push(plain(role)),
    createUser: () => undefined,
  }
  const db = new Proxy(commands, {
    get: (own, name) =>
      own[String(name)] ?? { createIndex: (key: Fields) => void indexes.push([String(name), plain(key)]) },
  })
  const sh = {
    enableSharding: () => undefined,
    shardCollection: (name: string, key: Fields) => void shardKeys.push([name.replace(/^pebbles\./, ''), plain(key)]),
  }
  for (const [, block = ''] of readFileSync(GUIDE, 'utf8').matchAll(/^```js\n(use .*?)^```$/gms))
    runInNewContext(block.replaceAll(/^use .*$/gm, ''), { db, sh, passwordPrompt: () => '' })
  return { roles, shardKeys, indexes }
}

/** An object of another context has another prototype, and is equal to none of ours. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T
