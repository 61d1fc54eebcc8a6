export { type Driver, describeDriver } from './describe-driver.ts'
export { describeMovedFile, type LetterDriver } from './describe-moved-file.ts'
export { aHeavyMessage, HEAVY_MESSAGES, heavySums, heavySumsOf, LITTLE_HEAP_MIB, LITTLE_MEMORY } from './heavy-load.ts'
export { keptOf } from './kept-messages.ts'
export { lookAgain } from './look-again.ts'
export {
  anUpdate,
  CLIENT,
  SQLITE,
  type StoreKind,
  startStoreKinds,
  type TestStore,
} from './open-test-store.ts'
export { startWorkerProcess, type WorkerProcess } from './start-worker-process.ts'
export { watchMemory } from './watch-memory.ts'
