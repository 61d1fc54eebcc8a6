import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { LANES } from './src/lanes.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export default defineConfig({
  root,
  test: {
    projects: LANES.map(({ name, files, except, atOnce, shared, testTimeout, hookTimeout }) => ({
      test: {
        name,
        include: [files],
        exclude: ['**/{node_modules,dist,.cache,.turbo}/**', ...except],
        ...(atOnce === null ? {} : { maxWorkers: atOnce }),
        ...(shared ? { pool: 'threads', isolate: false } : {}),
        testTimeout,
        hookTimeout,
        // It ends as soon as it may; a second is short where others want the processor, too.
        expect: { poll: { timeout: testTimeout / 3 } },
      },
    })),
  },
})
