// Opens a store and says what came of it: node open.ts FILE
import { openStore } from './harness.ts'

try {
  const store = await openStore(process.argv[2] as string)
  await store.close()
  process.stdout.write('opened\n')
} catch (error) {
  const { code, message } = error as Error & { code?: string }
  process.stdout.write(`${code} ${message}\n`)
}
