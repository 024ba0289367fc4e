export { type AnswersOptions, answers } from './answers.ts'
export { blockProducts } from './block-products.ts'
export { type ClipBenchmarkLine, clipBenchmarkLines } from './clip-benchmark.ts'
export {
  type ComparedEvaluator,
  type ComparedNumber,
  type Comparison,
  compareResults,
  type PairedNumber,
} from './compare.ts'
export { writeComparison } from './comparison-file.ts'
export { comparisonTable } from './comparison-table.ts'
export { readEvaluation, storedOf, type WrittenFiles, writeEvaluation } from './evaluation-file.ts'
export type { Evaluator, EvaluatorOptions, Evaluators, Findings } from './evaluator.ts'
export { evaluators } from './evaluators.ts'
export { FeatureStore } from './feature-store.ts'
export { HeadAnswers } from './head-answers.ts'
export type { Measured, SampleValues } from './measured.ts'
export { ModelUnderTest, type ModelUnderTestOptions } from './model-under-test.ts'
export { onlyOneRight } from './only-one-right.ts'
export { resultTable } from './result-table.ts'
export { type RetrievalOptions, retrieval } from './retrieval.ts'
export { runSuite, type SuiteFindings } from './run-suite.ts'
export type { Features, Subject, Variation } from './subject.ts'
export { parseSuite, type Suite, type SuiteInput, type SuiteTest, suite } from './suite.ts'
export type {
  Aggregate,
  EvaluationSettings,
  FailedEvaluator,
  Provenance,
  SuiteResult,
} from './suite-result.ts'
export { type NumberDifference, type Verification, verify } from './verify.ts'
