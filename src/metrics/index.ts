export * from './alignment.ts'
export type { Box } from './boxes.ts'
export * from './calibration.ts'
export {
  type ClassificationInput,
  type ClassificationMetrics,
  type ClassMetrics,
  classification,
  topKAccuracy,
} from './classification.ts'
export * from './cross-modal-retrieval.ts'
export * from './detection.ts'
export { mean, median } from './mean.ts'
export * from './mean-average-precision.ts'
export * from './nearest.ts'
export * from './poses.ts'
export * from './regression.ts'
export * from './retrieval.ts'
export * from './softmax.ts'
export * from './wilson.ts'
