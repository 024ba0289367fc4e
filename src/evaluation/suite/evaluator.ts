import type { z } from 'zod'
import type { Figure, Section } from '../../report/index.ts'
import type { Measured, SampleValues } from './measured.ts'
import type { Subject } from './subject.ts'

/** Content of a suite's `evaluators`; every evaluator adds keys of its own. */
export interface EvaluatorOptions {
  readonly kind: string
}

/** Findings of an evaluator on one data set. */
export interface Findings {
  /** Numbers by their path, such as `imageToText.R@1`. */
  readonly metrics: Readonly<Record<string, Measured>>
  /** Paths of the numbers that stand on top of the report, at least one. */
  readonly headline: readonly string[]
  /** Values of each sample by the path of their metric; for the headline wherever there are any. */
  readonly samples: Readonly<Record<string, SampleValues>>
  /** Further data, as JSON, such as a confusion matrix, a transfer matrix or a curve over severities. */
  readonly details?: Readonly<Record<string, unknown>>
  /** Part of the page: strengths, failures, and pictures of both. */
  readonly sections: readonly Section[]
  readonly figures?: readonly Figure[]
}

/**
 * One way to judge a model, a row of the table. It reads features and predictions of its {@link Subject}, which are computed
 * once for all evaluators of a data set, and returns numbers with their intervals.
 */
export interface Evaluator<Options extends EvaluatorOptions = EvaluatorOptions> {
  /** Schema of its options with defaults, `kind` included. */
  readonly schema: z.ZodType<Options>
  /** True where it draws scenes of its own, so that a test may name no data. */
  readonly drawsScenes?: boolean
  /** Reason why a model cannot be judged so; undefined for a model that can. */
  refusal(subject: Subject, options: Options): string | undefined
  /**
   * Judge a model on one data set.
   * @throws DataError for data without the labels that it needs, naming the data set and the label.
   */
  evaluate(subject: Subject, options: Options): Promise<Findings>
}

/** Evaluators by their `kind`. */
export type Evaluators = Readonly<Record<string, Evaluator>>
