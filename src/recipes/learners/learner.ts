import type { Source } from '../../data/index.ts'
import type { Model } from '../../models/index.ts'
import type { TitledGrid } from '../../report/index.ts'
import type { Metrics, ModelState, Task } from '../../training/index.ts'
import type { BadSamples } from '../bad-samples.ts'
import type { TextSettings } from '../batches.ts'
import type { Experiment } from '../experiment.ts'

/** What testing a model on one data set gives. */
export interface TestResult<M = Metrics> {
  readonly metrics: M
  /** Examples for the report. */
  readonly grids: readonly TitledGrid[]
}

/** What a test needs beside the learner. */
export interface TestOptions {
  readonly config: Experiment
  readonly text: TextSettings
  readonly state: ModelState
  readonly badSamples: BadSamples
}

/** What an objective brings to a run: a model, the task that trains it, and how it is tested. */
export interface Learner<M extends Model = Model, Result = Metrics> {
  readonly model: M
  readonly task: Task
  /** Under which key a run's summary has the results, by test set. */
  readonly results: 'retrieval' | 'policy'
  /** Test the weights that training would use now on a whole data set. */
  test(name: string, source: Source, options: TestOptions): Promise<TestResult<Result>>
}
