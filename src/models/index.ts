export type { Joint } from '../data/sample.ts'
export { type AdapterOptions, adapterScale, addAdapters, isAdapter } from './adapters.ts'
export {
  chunkGraphInputs,
  chunkInputShapes,
  chunkLeaves,
  observationOf,
} from './chunk-policy/chunk-graph.ts'
export { type ChunkPolicyOptions, chunkPolicy } from './chunk-policy/chunk-policy.ts'
export { type ChunkObservation, ChunkPolicyModel, isChunkPolicy } from './chunk-policy/chunk-policy-model.ts'
export type { ChunkRunner } from './chunk-policy/chunk-runner.ts'
export { actsInChunks, type ChunkPolicyConfig, chunkKeys, chunkPolicyConfig } from './chunk-policy/config.ts'
export { requireRobotData } from './chunk-policy/fit-data.ts'
export type { Latent } from './chunk-policy/latent-encoder.ts'
export { actionNormalization, statisticsProblems } from './chunk-policy/normalization.ts'
export { sinusoids } from './chunk-policy/sinusoids.ts'
export { ClipModel } from './clip/clip-model.ts'
export { type ClipConfig, clipConfig } from './clip/config.ts'
export { type DualEncoderOptions, dualEncoder } from './clip/dual-encoder-config.ts'
export {
  clampedScale,
  type DualEncoder,
  featureWidth,
  isDualEncoder,
  type ProjectsTexts,
  projectsTexts,
} from './dual-encoder.ts'
export { type DualEncoderGraphOptions, dualEncoderGraphs } from './dual-encoder-graphs.ts'
export { DualEncoderPrograms } from './dual-encoder-programs.ts'
export type { DualEncoderRunner } from './dual-encoder-runner.ts'
export type { EndTokens, ExportedGraph, ExportedGraphs } from './exported-graphs.ts'
export {
  type BuiltInConfig,
  type BuiltInConfigInput,
  buildModel,
  families,
  familyOf,
  inputsOf,
  withTowersOf,
} from './families.ts'
export type {
  Families,
  Family,
  FamilyTowers,
  Misfit,
  Model,
  ModelConfig,
  ModelInputs,
  ModelParts,
  PretrainedTextTower,
  SurveyOptions,
  Vocabulary,
} from './family.ts'
export { type ActionDescription, actionsOf } from './policy/actions.ts'
export { classLabelOf, classNamesOf } from './policy/class-names.ts'
export { type PolicyConfig, policyConfig } from './policy/config.ts'
export type { HeadOutputs } from './policy/head.ts'
export type {
  BoxLossOptions,
  ByOutput,
  Compared,
  HeadKind,
  HeadMetrics,
  OutputLabel,
} from './policy/heads/head-kind.ts'
export {
  type HeadConfig,
  type HeadLabel,
  headConfig,
  headKindOf,
  headKinds,
  headLabels,
  labelsOf,
} from './policy/heads/index.ts'
export { type Tolerances, tolerances } from './policy/heads/tolerances.ts'
export { statisticProblem } from './policy/label-units.ts'
export { type ConfigWithHeads, hasHeads, isPolicy, type Policy, type PolicyOutputs } from './policy/policy.ts'
export { type PolicyOptions, policy } from './policy/policy-config.ts'
export { policyGraph } from './policy/policy-graph.ts'
export { PolicyModel } from './policy/policy-model.ts'
export { outputsByName, PolicyPrograms } from './policy/policy-programs.ts'
export { ofGlance } from './policy/read-out.ts'
export {
  type HeadValues,
  type PolicyRunner,
  type PolicyValues,
  policyValues,
  valuesByHead,
} from './policy-runner.ts'
export { type Pruned, prune, prunedOf, prunedSchema, rangesOf } from './pruned.ts'
export { type Recompute, recomputeLayers } from './recompute.ts'
export { graphOverArena, type RunGraph } from './run-graph.ts'
export { type SiglipConfig, siglipConfig } from './siglip/config.ts'
export { type SiglipOptions, siglip } from './siglip/siglip-config.ts'
export { SiglipModel } from './siglip/siglip-model.ts'
export { BertTower, type TextPooling } from './towers/bert/bert-tower.ts'
export { type BertConfig, bertConfig } from './towers/bert/config.ts'
export { ClassTokenTower } from './towers/class-token-tower.ts'
export { clipTextConfig, clipVisionConfig } from './towers/config.ts'
export { EndTokenTower } from './towers/end-token-tower.ts'
export type { MaskedTokens, VisiblePatches } from './towers/masked-tokens.ts'
export { imageSizeMisfit, pairedInputs, vocabularyMisfit, withVocabulary } from './towers/paired-towers.ts'
export { type TextReading, TextTower } from './towers/text-tower.ts'
export type { TowerSizes } from './towers/tower-sizes.ts'
export { VisionTower } from './towers/vision-tower.ts'
export { type VisionTextConfig, visionTextConfig } from './vision-text-dual-encoder/config.ts'
export {
  type VisionTextOptions,
  visionTextDualEncoder,
} from './vision-text-dual-encoder/vision-text-config.ts'
export { VisionTextModel } from './vision-text-dual-encoder/vision-text-model.ts'
export {
  type CaptionRunner,
  type CaptionScorer,
  type CaptionScores,
  captionRunner,
  captionScorer,
} from './vlm/caption-runner.ts'
export {
  type ConfigWithDecoder,
  type ConfigWithMasks,
  hasDecoder,
  hasMasks,
  patchCounts,
  type VlmConfig,
  vlmConfig,
} from './vlm/config.ts'
export { type MaskedArrays, type MaskedRunner, type MaskedValues, maskedRunner } from './vlm/masked-runner.ts'
export { type MaskedSizes, type VlmOptions, vlm } from './vlm/vlm-config.ts'
export { captionsGraph, imageTokensGraph, maskedGraph } from './vlm/vlm-graphs.ts'
export {
  isCaptioner,
  isMaskedModel,
  type MaskedInputs,
  type Reconstruction,
  VlmModel,
} from './vlm/vlm-model.ts'
export { wordScores, wordsAt } from './vlm/word-scores.ts'
