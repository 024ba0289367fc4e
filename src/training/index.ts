export type { BatchStream, Feedback } from './batch-stream.ts'
export { type Callback, type LogRecord, noteTo, type ValidationRecord } from './callback.ts'
export { metricsLog, readMetricsLog } from './callbacks/metrics-log.ts'
export { type Notes, standardError } from './callbacks/notes.ts'
export { linePeriod, progressDisplay } from './callbacks/progress-display.ts'
export { metricScalars, type Scalars, trainingScalars, validationScalars } from './callbacks/scalars.ts'
export { tensorBoard } from './callbacks/tensorboard.ts'
export { trainingProgress } from './callbacks/training-progress.ts'
export { readCheckpoint, writeCheckpoint } from './checkpoint.ts'
export { alone, type Communicator, lead, sumNumbers } from './communicator.ts'
export { MemoryBudget, type MemoryBudgetOptions, peakMemoryOfProcess } from './memory-budget.ts'
export { fractionAt, metricAt } from './metric-paths.ts'
export { splitBatch } from './micro-batches.ts'
export type { ModelState } from './model-state.ts'
export { Monitor, type MonitorOptions } from './monitor.ts'
export type { CommunicationCosts, MpiCommunicator } from './mpi/communicator.ts'
export { type InstalledMpi, installedMpi } from './mpi/installed-library.ts'
export { launchOf, withoutLaunch } from './mpi/launch.ts'
export { closeCommunicator, joinedCommunicator, openCommunicator } from './mpi/open-communicator.ts'
export { inPieces } from './outputs/in-pieces.ts'
export { keptOutputs, keysOfTexts } from './outputs/kept-outputs.ts'
export { type OutputRows, readOutputs, storedOutputs, writeOutputs } from './outputs/stored-outputs.ts'
export { batchesWithOutputs, batchWithOutputs, type OutputsOf, withOutputs } from './outputs/with-outputs.ts'
export { ParameterUpdate } from './parameter-update.ts'
export {
  type AddedLosses,
  addLosses,
  type LossTerm,
  withAdded,
  withParametersOf,
} from './strategies/add-losses.ts'
export {
  type CachedFeatureTaskDefinition,
  cachedFeatureTask,
  type FeatureObjective,
  type Features,
} from './strategies/cached-feature-task.ts'
export type { Draw, Evaluate, StrategyMemory, TaskDefinition } from './strategies/define-task.ts'
export type { Leaves } from './strategies/leaves.ts'
export type { TaskLoss } from './strategies/loss-outputs.ts'
export { type LossTaskDefinition, lossTask, type Piece, type PreparedStep } from './strategies/loss-task.ts'
export { type SandwichOptions, sandwichTask } from './strategies/sandwich-task.ts'
export type { Metrics, StepRequest, StepResult, Task, TaskMemory } from './task.ts'
export { batchWithoutMismatch } from './tasks/batch-without-mismatch.ts'
export { type CaptionMetrics, captionMetrics, type WordCounts } from './tasks/caption-metrics.ts'
export { captioningLoss, captioningOf } from './tasks/captioning-task.ts'
export type { Trials } from './tasks/chunk-evaluator.ts'
export { chunkLosses, drawFor } from './tasks/chunk-loss.ts'
export { type ChunkErrors, type ChunkMetrics, chunkFeeds, chunkMetrics } from './tasks/chunk-metrics.ts'
export { type ChunkTaskOptions, chunkTask } from './tasks/chunk-task.ts'
export {
  type ContrastiveTaskOptions,
  contrastiveTask,
  dualEncoderContrast,
  imageFeatures,
  retrievalOf,
  textFeatures,
  textsOf,
} from './tasks/contrastive-task.ts'
export {
  type DualEncoderTeacher,
  type DualEncoderTerm,
  dualEncoderDistillation,
  dualEncoderTerms,
  teacherArrays,
} from './tasks/distillation/dual-encoder-terms.ts'
export {
  type PolicyDistillationOptions,
  type PolicyTerm,
  policyArray,
  policyDistillation,
  policyTerms,
} from './tasks/distillation/policy-terms.ts'
export { drawMasks, type MaskCounts, type Masks, maskCounts, wordPlaces } from './tasks/draw-masks.ts'
export { type EncodedDataset, encodeDataset, encodeImages } from './tasks/encode-dataset.ts'
export { frozenPatches, targetFeatures } from './tasks/frozen-patches.ts'
export { boxesOf, type Grounding } from './tasks/grounding.ts'
export {
  type MaskedMetrics,
  type MaskedRound,
  maskedMetrics,
} from './tasks/masked-metrics.ts'
export { type MaskedLossOptions, maskedLoss, maskedOf, textsWithoutWords } from './tasks/masked-task.ts'
export { imageOfPatches, normalizedPatch, patchRows } from './tasks/patch-rows.ts'
export { policyMetrics } from './tasks/policy/policy-metrics.ts'
export { type PolicyTaskOptions, policyTask } from './tasks/policy/policy-task.ts'
export { type TaskWeighting, TaskWeights, type WeightPoint } from './tasks/policy/task-weighting.ts'
export { readTogether } from './tasks/several-readers.ts'
export type { ImageGain, TextCounts, WordMetrics } from './tasks/word-tally.ts'
export { Delivery, type DeliveryOptions, type DeliveryPace } from './trackers/delivery.ts'
export type { Outcome, TrackedRecord, TrackedRun, Tracker } from './trackers/tracker.ts'
export { trackerOf } from './trackers/tracker-of.ts'
export { Trainer } from './trainer.ts'
export type { TrainerOptions, TrainingResult } from './trainer-options.ts'
export {
  type PreparationOptions,
  type PreparedTraining,
  prepareTraining,
  type TrainingOptions,
  training,
} from './training.ts'
