export type { BatchStream, Feedback } from './batch-stream.ts'
export { type Callback, type LogRecord, noteTo, type ValidationRecord } from './callback.ts'
export { metricsLog, readMetricsLog } from './callbacks/metrics-log.ts'
export { type Notes, standardError } from './callbacks/notes.ts'
export { linePeriod, progressDisplay } from './callbacks/progress-display.ts'
export { tensorBoard } from './callbacks/tensorboard.ts'
export { trainingProgress } from './callbacks/training-progress.ts'
export {
  checkpointSteps,
  latestCheckpoint,
  type Progress,
  readCheckpoint,
  writeCheckpoint,
} from './checkpoint.ts'
export { alone, type Communicator } from './communicator.ts'
export { fractionAt } from './metric-paths.ts'
export { createModelState, type ModelState, type ModelStateOptions } from './model-state.ts'
export { Monitor, type MonitorOptions } from './monitor.ts'
export { ParameterUpdate, type UpdateOptions } from './parameter-update.ts'
export type { Metrics, StepRequest, StepResult, Task } from './task.ts'
export { ContrastiveTask } from './tasks/contrastive.ts'
export { type EncodedDataset, encodeDataset } from './tasks/encode-dataset.ts'
export { policyMetrics } from './tasks/policy/policy-metrics.ts'
export { PolicyTask, type PolicyTaskOptions } from './tasks/policy/policy-task.ts'
export { type TaskWeighting, TaskWeights, type WeightPoint } from './tasks/policy/task-weighting.ts'
export { Trainer, type TrainerOptions, type TrainingResult } from './trainer.ts'
