import { actingEvaluators } from '../acting/index.ts'
import { dualEvaluators } from '../dual/index.ts'
import { robustnessEvaluators } from '../robustness/index.ts'
import { answersEvaluator } from './answers.ts'
import type { Evaluators } from './evaluator.ts'
import { retrievalEvaluator } from './retrieval.ts'

/** The evaluators of the library by their kind, one row each. */
export const evaluators = {
  retrieval: retrievalEvaluator,
  answers: answersEvaluator,
  ...dualEvaluators,
  ...robustnessEvaluators,
  ...actingEvaluators,
} satisfies Evaluators
