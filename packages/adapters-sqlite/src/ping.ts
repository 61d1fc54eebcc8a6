import type { DatabaseSync } from 'node:sqlite'
import type { Access, AccessDeps } from './access.ts'
import { prepareQuery } from './query.ts'

export interface PingDeps {
  readonly db: DatabaseSync
  readonly access: Access
  readonly guard: AccessDeps['guard']
}

/** A read is cheap and tells that the file is there. Only after a write that failed, a write shows that it can be done again. */
export const createPing = ({ db, access, guard }: PingDeps): (() => Promise<void>) => {
  const look = prepareQuery(db, 'SELECT seq FROM meta')
  const touch = db.prepare('UPDATE meta SET seq = seq')
  return async () => {
    if (access.hasFailedToWrite()) {
      await access.write(() => touch.run())
      return
    }
    await access.read(() => {
      guard()
      return look.get()
    })
  }
}
