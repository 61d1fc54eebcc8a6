import { afterEach, expect, it, vi } from 'vitest'
import { foreignServer, orSkip, ServiceError, startAll } from './server.ts'

afterEach(() => vi.unstubAllEnvs())
const missing = () => Promise.reject(new ServiceError('SERVICE_MISSING', 'get one there'))

it('a missing server is skipped in sight, and on CI a failure', async () => {
  const seen = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  vi.stubEnv('CI', '')
  expect(await orSkip(missing())).toBeNull()
  expect(seen).toHaveBeenCalledWith('SKIPPED: get one there\n')
  seen.mockRestore()
  vi.stubEnv('CI', 'true')
  await expect(orSkip(missing())).rejects.toMatchObject({ code: 'SERVICE_MISSING' })
})

it('a server that failed to start is never skipped', async () => {
  await expect(orSkip(Promise.reject(new ServiceError('SERVICE_FAILED', 'no')))).rejects.toMatchObject({
    code: 'SERVICE_FAILED',
  })
})

it('a server of the environment is left alone', async () => {
  const server = foreignServer('MongoDB')
  await server.stop()
  for (const act of [server.kill, server.pause, server.resume, server.restart])
    await expect(act()).rejects.toMatchObject({ code: 'SERVICE_NOT_OURS' })
})

it('of several that start at once none stays behind when one fails', async () => {
  const server = { ...foreignServer('one'), stop: vi.fn(async () => {}) }
  await expect(startAll([Promise.resolve(server), missing()])).rejects.toMatchObject({ code: 'SERVICE_MISSING' })
  expect(server.stop).toHaveBeenCalledTimes(1)
})
