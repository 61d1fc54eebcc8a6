export { createInnerIds, randomFileId, systemClock } from './clock.ts'
export { configureProcess } from './config/configure-process.ts'
export { describeConfig, renderConfigReference } from './config/describe-config.ts'
export { type Config, ConfigError, type Environment, parseConfig } from './config/parse-config.ts'
export { readEnvironment } from './config/read-environment.ts'
export { developmentSecret } from './development-keys.ts'
export { hashUpdate } from './hash-update.ts'
export { createHealthServer, type HealthServer, type HealthServerOptions } from './health-server.ts'
export {
  createLifecycle,
  exitCodeOf,
  type Lifecycle,
  type LifecycleDeps,
  type ProcessHost,
  type Running,
  runProcess,
} from './lifecycle.ts'
export { createLogThrottle, type LogThrottle } from './log-throttle.ts'
export { createLogger, type Logger } from './logger.ts'
export { createMetrics, type Metrics } from './metrics.ts'
export { openProcessStore, type StoreOpeners } from './open-process-store.ts'
export { type ComponentState, createReadiness, type ReadinessCheck, type ReadinessReport } from './readiness.ts'
export { repeat } from './repeat.ts'
export { tuneHeap } from './tune-heap.ts'
export { within } from './within.ts'
