export { applySteps } from './apply-steps.ts'
export {
  descriptionOf,
  type PartSensitivity,
  type SearchReport,
  type SearchTools,
  type Size,
  searchWithinBudget,
  type Trial as BudgetTrial,
} from './budget.ts'
export { measureMemory, type PeakMemory } from './measure-memory.ts'
export { fileSizes, type Numbers, numbersOf, totalBytes, zerosIn } from './measure-size.ts'
export { type BeforeAfter, measureSpeed, rowsOf, type Speed } from './measure-speed.ts'
export type {
  CompressionMethod,
  CompressionMethods,
  GraphPass,
  Reach,
  Subject,
  Tools,
  WeightedGraph,
} from './method.ts'
export { methods } from './methods.ts'
export { compressionPage } from './page.ts'
export { type Monitored, pointsOf } from './points.ts'
export { type PruneOptions, pruneStep } from './pruning/prune.ts'
export { type SparsityOptions, sparsityStep } from './pruning/sparsity.ts'
export * from './quantization/index.ts'
export {
  type CompressionInput,
  type CompressionRecipe,
  type CompressionStep,
  compression,
  compressionKeys,
  parseCompression,
} from './recipe.ts'
export { type CompressionReport, compressionTable } from './report.ts'
export * from './search/index.ts'
export { type StructuredOptions, structuredStep } from './structured/index.ts'
export * from './supernet/index.ts'
export { writeCompressed } from './write-compressed.ts'
