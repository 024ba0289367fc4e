import type { OnBadSample } from '../../data/index.ts'
import type { CheckpointChoice } from '../../deploy/index.ts'
import type { DeviceName } from '../../engine/index.ts'
import type { Findings } from './evaluator.ts'
import type { Measured } from './measured.ts'
import type { Suite } from './suite.ts'

/** Choices beside suite and model that may change a number. */
export interface EvaluationSettings {
  readonly device: DeviceName
  /** Threads of one operation on the CPU; absent: all cores. */
  readonly threads?: number | undefined
  readonly checkpoint?: CheckpointChoice | undefined
  readonly onBadSample: OnBadSample
}

/** Facts from which the numbers of an evaluation can be made again. */
export interface Provenance {
  /** SHA-256 of each file of the model that was read: weights, configuration, tokenizer, ONNX files. */
  readonly model: Readonly<Record<string, string>>
  /** SHA-256 of the samples of each data set, in order: ids, captions, labels and image bytes. */
  readonly data: Readonly<Record<string, { readonly sha256: string; readonly samples: number }>>
  /** SHA-256 of further files by their path, such as the MJCF of a robot of one's own; absent without any. */
  readonly files?: Readonly<Record<string, string>>
  /** Versions of Visuomotor, Node and ONNX Runtime, and the machine. */
  readonly versions: Readonly<Record<string, string>>
  readonly seed: number
  /** The suite with every default. */
  readonly suite: Suite
  readonly settings: EvaluationSettings
  /** Arguments of the command line, without the program. */
  readonly command: readonly string[]
}

/** An evaluator that ended with an error. */
export interface FailedEvaluator {
  readonly test: string
  readonly evaluator: string
  /** Code of the error; `internal` for one that is a mistake of the program. */
  readonly code: string
  readonly message: string
}

/** All that a suite found of one model. */
export interface SuiteResult {
  readonly suite: string
  readonly directory: string
  /** Findings by data set, then by evaluator: its `kind`, with a number behind it where a data set has several of one. */
  readonly tests: Readonly<Record<string, Readonly<Record<string, Findings>>>>
  /**
   * Mean of each headline metric over the data sets that have it, and what a mean hides: the worst data set and the spread.
   * Keys are `evaluator/path`.
   */
  readonly aggregate: Readonly<Record<string, Aggregate>>
  /** Evaluators that ended with an error, whose findings are missing; absent where all are there. */
  readonly failed?: readonly FailedEvaluator[]
  readonly provenance: Provenance
}

/** One metric over several data sets. */
export interface Aggregate {
  readonly mean: number
  readonly worst: { readonly test: string; readonly measured: Measured }
  /** Standard deviation over the data sets, n − 1 in the denominator; absent with one. */
  readonly spread?: number
  readonly tests: number
}
