import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { fetchWith, runTool } from './run-tool.ts'

export interface JarBundle {
  readonly name: string
  readonly sha256: string
  /** `group:artifact:version` */
  readonly artifacts: readonly string[]
  readonly cure: string
}

/** A class path of a server from Maven Central, with everything that it depends on. */
export const fetchJars = async ({ name, sha256, artifacts, cure }: JarBundle): Promise<string> => {
  await runTool('java', ['-version'], '/', cure)
  const folder = await cached({
    name,
    sha256,
    pinned: 'jars',
    fetch: async (draft) => {
      await writeFile(join(draft, 'pom.xml'), pom(artifacts))
      const copy = ['-q', '-B', COPY, '-DoutputDirectory=jars', '-DincludeScope=runtime']
      await fetchWith('mvn', copy, draft, cure)
    },
  })
  return join(folder, 'jars', '*')
}

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

const pom = (artifacts: readonly string[]): string => {
  const dependency = (artifact: string): string => {
    const [group, name, version] = artifact.split(':')
    return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`
  }
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>pebbles</groupId><artifactId>fetch</artifactId><version>1</version>
<dependencies>${artifacts.map(dependency).join('')}</dependencies></project>`
}
