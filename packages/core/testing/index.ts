export {
  anUpdate,
  client,
  createTestClock,
  email,
  fileName,
  MINUTE,
  NOON,
  newFileId,
  type TestClock,
  type UpdateFacts,
  word,
} from './builders.ts'
export { describeProgressStore, PROGRESS_STORE_CONTRACT } from './contract/progress-store.ts'
export { type ContractCase, STALLED_AFTER_MS, type Subject, type UseCases, useCases } from './contract/subject.ts'
export { createFaultyStore, type Fault, type FaultyStore } from './faulty-store.ts'
export { heapInUse } from './heap-in-use.ts'
export { createMemoryStore, type MemoryStore, type MemoryStoreOptions, type TestStore } from './memory-store.ts'
export { createRandom } from './seeded-world.ts'
