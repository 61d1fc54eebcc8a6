import { BOUNDED } from './collections.ts'
import type { StoreDeps } from './store-deps.ts'

/**
 * One clock for all processes (ms), for what would be lost by a process whose own is wrong. On a sharded cluster it is
 * that of the router.
 */
export const serverTime = async ({
  collections,
  serverTime,
}: Pick<StoreDeps, 'collections' | 'serverTime'>): Promise<number> => {
  if (serverTime !== undefined) return serverTime()
  const { localTime } = await collections.db.command({ hello: 1, ...BOUNDED })
  return (localTime as Date).getTime()
}
