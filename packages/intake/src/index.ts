export { createIntake, type Intake, type IntakeDeps, type Settlement } from './create-intake.ts'
export {
  ATTRIBUTES,
  type DeadLetter,
  type DeadLetterDestination,
  type DeadLetterRow,
  letterAttributes,
  replayHeaders,
  resentHeaders,
  rowOfLetter,
  senderHeaders,
} from './dead-letter.ts'
export type { Gate, Obstacle } from './gate.ts'
export { headerBytes, headerTexts, placeOf, type QueueMessage } from './queue-message.ts'
export { listRejected, type Replayed, type ReplayRejectedDeps, replayRejected } from './replay-rejected.ts'
export {
  type DeadLetterCommands,
  type QueueFinding,
  runWorker,
  type Worker,
  type WorkerDeps,
  type WorkerProgram,
  type WorkerStore,
} from './run-worker.ts'
export { createWorkerMetrics, type WorkerMetrics } from './worker-metrics.ts'
