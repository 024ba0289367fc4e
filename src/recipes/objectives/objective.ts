import type { z } from 'zod'
import type { Batch } from '../../core/index.ts'
import type { Source } from '../../data/index.ts'
import type { Bundle, ModelDescription, RuntimeOptions } from '../../deploy/index.ts'
import type { Engine } from '../../engine/index.ts'
import type { Model, ModelConfig } from '../../models/index.ts'
import type { ReportPart, Table, TitledGrid } from '../../report/index.ts'
import type {
  AddedLosses,
  FeatureObjective,
  Metrics,
  OutputsOf,
  Task,
  TaskDefinition,
} from '../../training/index.ts'
import type { Distillation } from '../distillation/distillation.ts'
import type { Recipe } from '../recipe/schema.ts'

/** Content of a recipe's `objective`; every objective adds keys of its own. */
export interface ObjectiveOptions {
  readonly kind: string
}

/** A recipe with one of these objectives. */
export type RecipeOf<Options extends ObjectiveOptions> = Recipe & { readonly objective: Options }

/** A mistake in a recipe: a message, and the path of the key. */
export type Problem = readonly [message: string, ...path: readonly (string | number)[]]

/** Direction in which a metric improves: `max` where larger is better, `min` where smaller is. */
export type Direction = 'max' | 'min'

/** A trained model for inference, as an objective's `load` returns it. */
export interface LoadedModel {
  readonly description: ModelDescription
}

/** A data set that a model is tested on. */
export interface TestSet {
  /** Name of the test set in the results. */
  readonly name: string
  readonly source: Source
  /** Open the data set for one pass; a title tells passes apart. */
  open(title?: string): AsyncIterable<Batch>
}

/** Parts of a metric, a sample each: the metric is the sum of `sums` over that of `weights`. */
export interface SampleParts {
  readonly ids: string[]
  /** Ids of the samples that they are parts of, where `ids` are others, as those of captions. Default: `ids`. */
  readonly sampleIds?: readonly string[]
  readonly sums: number[]
  readonly weights: number[]
  /** `points` for a difference of two fractions, which may be below 0. Default: as the name of the metric tells. */
  readonly unit?: 'points'
}

/** Results of a test: metrics, and examples for the report. */
export interface TestResult<Results extends Metrics = Metrics> {
  readonly metrics: Results
  readonly grids: readonly TitledGrid[]
  /** Parts of metrics by path, from which a suite computes intervals. Default: none. */
  readonly samples?: Readonly<Record<string, SampleParts>>
  /** Reason why every answer is right for any model, so that the numbers say nothing. Default: there is none. */
  readonly allRight?: string
}

/** Results of several test sets, by name. */
export type ResultsByTest<Results extends Metrics = Metrics> = Readonly<Record<string, Results>>

/** Array of a batch that stands for a tower of a dual encoder: its features, which another program computed. */
export type FeatureArray = 'imageFeatures' | 'textFeatures' | 'pooledTexts'

/** Heads of a stage: its own, and all heads that it trains. */
export interface StageHeads {
  readonly own: readonly string[]
  readonly trained: readonly string[]
}

/** Facts about a run for its task. */
export interface TaskRun {
  readonly totalSteps: number
  /** Losses beside the objective's own. Default: none. */
  readonly added?: AddedLosses | undefined
  /** Preparation of images and texts for the model, for a validation that lets it act. Default: it does not. */
  readonly inputs?: Pick<ModelDescription, 'image' | 'tokenizer'>
}

/**
 * An objective, one row of the table: all that its name decides. A user's row beside the built-in ones makes an own
 * objective, which recipes name by `objective.kind`.
 */
export interface Objective<
  Options extends ObjectiveOptions = ObjectiveOptions,
  M extends Model = Model,
  Loaded extends LoadedModel = LoadedModel,
  Results extends Metrics = Metrics,
> {
  /** Schema of its options with defaults, `kind` included. */
  readonly schema: z.ZodType<Options>
  /** Reason why a model cannot learn the objective; undefined for a model that can. */
  refusal(model: ModelConfig): string | undefined
  /** Mistakes of a recipe that its schema cannot see. */
  problems?(recipe: RecipeOf<Options>): Iterable<Problem>
  /** Metrics of its validation by path, each with the direction in which it gets better. */
  metrics(recipe: RecipeOf<Options>): Readonly<Record<string, Direction>>
  /** Metric that decides which checkpoint is best, unless a recipe names another. */
  monitor(recipe: RecipeOf<Options>): string
  /** Factors of the learning rate for a model on a base, unless a recipe has rules of its own. Default: one rate. */
  rates?(recipe: RecipeOf<Options>): Recipe['parameters']
  /** Options, rules and default monitor of a stage. An objective without this function has no stages. */
  stage?(
    recipe: RecipeOf<Options>,
    heads: StageHeads,
  ): { readonly objective: Options; readonly parameters: Recipe['parameters']; readonly monitor: string }
  /** Refuse data that cannot teach the objective. @throws ConfigError naming key and label. */
  requireTrainingData?(recipe: RecipeOf<Options>, source: Source): void
  /**
   * Refuse data whose samples cannot teach the objective, after reading as few of them as that takes.
   * @throws ConfigError naming the source.
   */
  requireTeachingSamples?(recipe: RecipeOf<Options>, source: Source): Promise<void>
  /** Refuse validation data that cannot measure the monitored metrics. @throws ConfigError naming key and label. */
  requireValidationData?(recipe: RecipeOf<Options>, source: Source): void
  /** Captions of a sample for evaluation: the first, or all. */
  captions(recipe: Pick<RecipeOf<Options>, 'texts'>): 'first' | 'all'
  /** Features that its task takes from batches, where they have them, in place of a tower. Default: none. */
  readonly features?: readonly FeatureArray[]
  /**
   * Functions that add arrays of frozen models to the training batches.
   * @param frozen `base` reads the model whose weights training began with; undefined without a base.
   */
  outputs?(
    model: M,
    recipe: RecipeOf<Options>,
    frozen: { readonly engine: Engine; base(): Bundle | undefined },
  ): Promise<readonly OutputsOf[]>
  /** The loss of its task, which the objective `sum` adds to others. An objective without it is no part of a sum. */
  losses?(model: M, recipe: RecipeOf<Options>): FeatureObjective
  /** The evaluator of its task. */
  evaluator?(model: M): NonNullable<TaskDefinition<object>['evaluator']>
  /** Reason why a batch teaches nothing, for people. */
  remark?(model: M): NonNullable<TaskDefinition<object>['remark']>
  /** True for a loss that is built before others in a sum, because they read parts of its graph. Default: false. */
  readonly buildsFirst?: boolean
  /** The task that trains a model of this recipe. */
  task(model: M, recipe: RecipeOf<Options>, run: TaskRun): Task
  /** Rules by which its models learn from teachers; its `task` then takes `run.added`. Default: they cannot. */
  readonly distillation?: Distillation<M>
  /** Load the model of a run, bundle or Hugging Face folder for inference. */
  load(directory: string, options?: RuntimeOptions): Promise<Loaded>
  /** Test a model on one data set: at the end of training and in `evaluate` alike. */
  test(model: Loaded, set: TestSet, options: Options): Promise<TestResult<Results>>
  /** Results as text. */
  table(results: ResultsByTest<Results>): Table
  /** Results as a part of a report. */
  report(results: ResultsByTest<Results>): ReportPart
  /**
   * A command that tries a model, without `npx visuomotor`.
   * @param source Data that the model has not seen; undefined for a bundle.
   */
  next(directory: string, source: Source | undefined): Promise<string>
}

/** Objectives by their `kind`. */
export type Objectives = Readonly<Record<string, Objective>>
