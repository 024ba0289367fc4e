export * from './alignment.ts'
export type { BlockProducts } from './block-products.ts'
export {
  type BootstrapOptions,
  bootstrap,
  bootstrapStatistic,
  type Estimate,
  pairedDifference,
} from './bootstrap.ts'
export type { Box } from './boxes.ts'
export * from './calibration.ts'
export * from './choose-strength.ts'
export {
  type ClassificationInput,
  type ClassificationMetrics,
  type ClassMetrics,
  classification,
  topKAccuracy,
} from './classification.ts'
export * from './cross-modal-retrieval.ts'
export * from './detection.ts'
export * from './feature-geometry.ts'
export * from './lbfgs.ts'
export * from './linear-probe.ts'
export * from './mc-nemar.ts'
export { mean, median } from './mean.ts'
export * from './mean-average-precision.ts'
export * from './mean-estimate.ts'
export { type Neighbour, nearest } from './nearest.ts'
export * from './nearest-neighbour-classifier.ts'
export * from './poses.ts'
export { rankQueriesByBlocks } from './rank-by-blocks.ts'
export * from './regression.ts'
export {
  type RankedQueries,
  type RetrievalInput,
  type RetrievalMetrics,
  rankMetrics,
  rankQueries,
  retrieval,
  retrievalRanks,
} from './retrieval.ts'
export * from './similarity-correlation.ts'
export * from './softmax.ts'
export * from './uniformity.ts'
export * from './wilson.ts'
