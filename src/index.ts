/**
 * What a training script needs. The rooms have everything else: `visuomotor/graph`, `visuomotor/engine`,
 * `visuomotor/nn` and so on.
 */
export {
  CheckpointError,
  ConfigError,
  DataError,
  EngineError,
  ShapeError,
  TrainingError,
  VisuomotorError,
} from './core/index.ts'
export {
  centerCrop,
  clipStatistics,
  colorJitter,
  curriculum,
  emoji,
  folder,
  gaussianBlur,
  horizontalFlip,
  imageNetStatistics,
  normalize,
  paraphrase,
  paraphraseTemplates,
  progressiveDifficulty,
  randomAffine,
  randomBackground,
  randomErasing,
  randomGrayscale,
  randomResizedCrop,
  resize,
  roboticsSynonyms,
  rotation,
  type Sample,
  type Source,
  synonyms,
  typos,
  webdataset,
} from './data/index.ts'
export { DualEncoderRuntime, PolicyRuntime, readBundle, writeBundle } from './deploy/index.ts'
export {
  clipConfig,
  type DualEncoderOptions,
  dualEncoder,
  type PolicyOptions,
  policy,
  siglipConfig,
} from './models/index.ts'
export { adamW, constant, cosine, cosineWarmRestarts, linear, lion, muon, sgd } from './optim/index.ts'
export {
  contrastive,
  type Experiment,
  type ExperimentInput,
  type Run,
  type RunSummary,
  recipes,
  resume,
  type TrainOptions,
  train,
  writeReport,
} from './recipes/index.ts'
export type { Callback, LogRecord, ValidationRecord } from './training/index.ts'
