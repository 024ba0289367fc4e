import { type Batch, ConfigError, isRun } from '../../core/index.ts'
import { type Loader, type OnBadSample, openSource, type Source, type SourceSpec } from '../../data/index.ts'
import { type RuntimeOptions, readModelConfig } from '../../deploy/index.ts'
import { evaluationLoader } from '../../evaluation/index.ts'
import { familyOf } from '../../models/index.ts'
import type { TitledGrid } from '../../report/index.ts'
import type {
  LoadedModel,
  Objective,
  ObjectiveOptions,
  ResultsByTest,
  TestResult,
} from '../objectives/objective.ts'
import { objectiveOf } from '../recipe/objective-of.ts'
import { type Extensions, type Registry, registryOf } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'
import { cutCaptions } from './cut-captions.ts'
import { readRecipe } from './directory.ts'

/** Options of an evaluation beside its data. */
export interface EvaluationOptions extends Omit<RuntimeOptions, 'families'> {
  /** Action for samples that cannot be used. Default `fail`. */
  readonly onBadSample?: OnBadSample
  /** Number of threads that prepare data. Default: one less than there are cores. */
  readonly workers?: number
  /** Receive the name of a test when it begins. */
  readonly onTest?: (name: string) => void
  /** Wrap the batches of a pass, for progress and for bad samples. */
  readonly watch?: (batches: Loader, title: string, source: Source) => AsyncIterable<Batch>
  /** Signal to end the evaluation after the current test. */
  readonly signal?: AbortSignal
}

/** Results of an evaluation by data set. */
export interface Evaluation {
  /** Objective that measured the model. */
  readonly objective: Objective
  readonly results: ResultsByTest
  /** Examples for the report. */
  readonly grids: readonly TitledGrid[]
}

/**
 * Evaluate the model of a run, a bundle or a Hugging Face folder by the objective of its recipe, or of its family.
 * @param options `data`: data sets by name; default the tests of the run.
 * @throws Errors of `readBundle`; ConfigError `run/no-tests` for a model that names no data; DataError for samples that
 * cannot be used.
 */
export async function evaluate(
  directory: string,
  {
    data,
    families,
    objectives,
    sources: own,
    ...options
  }: EvaluationOptions & Extensions & { readonly data?: Readonly<Record<string, SourceSpec>> } = {},
): Promise<Evaluation> {
  const registry = registryOf({ families, objectives, sources: own })
  objectiveOfModel(directory, registry) // a folder without a model is refused first
  const specs = Object.entries(data ?? testsOf(directory, registry))
  const sources = Object.fromEntries(specs.map(([name, spec]) => [name, openSource(spec, registry.sources)]))
  return evaluateModel(directory, sources, registry, options)
}

/** Evaluate a model on open sources, at the end of training and in {@link evaluate}. */
export async function evaluateModel(
  directory: string,
  sources: Readonly<Record<string, Source>>,
  registry: Registry,
  options: EvaluationOptions = {},
): Promise<Evaluation> {
  const judge = judgeOf(directory, registry)
  const results: Record<string, ResultsByTest[string]> = {}
  const grids: TitledGrid[] = []
  if (Object.keys(sources).length === 0) return { objective: judge.objective, results, grids }
  const { device, threads, checkpoint, onNote, onTest, signal } = options
  const load = { device, threads, checkpoint, onNote, families: registry.families }
  const model = await judge.objective.load(directory, load)
  for (const [name, source] of Object.entries(sources)) {
    if (signal?.aborted) break
    onTest?.(name)
    const tested = await testOn(model, judge, name, source, options)
    results[name] = tested.metrics
    grids.push(...tested.grids)
  }
  return { objective: judge.objective, results, grids }
}

/** Test a loaded model on one data set by its objective. */
export async function testOn(
  model: LoadedModel,
  { objective, options, captions }: Judge,
  name: string,
  source: Source,
  { onBadSample = 'fail', workers, onNote, watch }: EvaluationOptions,
): Promise<TestResult> {
  const { image, tokenizer, ...described } = model.description
  const { length } = described.model.inputs.text
  const opened: Loader[] = []
  const open = (title = name) => {
    const batches = evaluationLoader(image, source, {
      onBadSample,
      allCaptions: captions === 'all',
      texts: { inputIds: { tokenizer, length } },
      ...(workers !== undefined && { workers }),
    })
    opened.push(batches)
    return watch ? watch(batches, title, source) : batches
  }
  const tested = await objective.test(model, { name, source, open }, options)
  for (const sentence of cutCaptions(opened[0]!.captions, length)) onNote?.(`${name}: ${sentence}`)
  if (tested.allRight !== undefined) onNote?.(`${name}: ${tested.allRight}`)
  return tested
}

/** The objective for a model: its recipe's, or its family's. */
export function objectiveOfModel(directory: string, registry: Registry): Objective {
  const recipe = recipeOf(directory, registry)
  if (recipe) return objectiveOf(recipe, registry)
  const { families, objectives } = registry
  return objectives[familyOf(readModelConfig(directory, { families }).model_type, families).objective]!
}

/** The objective for a model, its options, and the captions that it reads. */
export interface Judge {
  readonly objective: Objective
  readonly options: ObjectiveOptions
  readonly captions: 'first' | 'all'
  /** The recipe of a run. */
  readonly recipe: Recipe | undefined
}

/** The judge of a model: by the recipe of its run, or by its family. */
export function judgeOf(directory: string, registry: Registry): Judge {
  const recipe = recipeOf(directory, registry)
  const objective = objectiveOfModel(directory, registry)
  const options: ObjectiveOptions = recipe?.objective ?? usualOptions(objective, registry)
  const captions = recipe ? objective.captions(recipe) : 'all'
  return { objective, options, captions, recipe }
}

/** The default options of an objective. */
function usualOptions(objective: Objective, { objectives }: Registry): ObjectiveOptions {
  const kind = Object.keys(objectives).find((name) => objectives[name] === objective)
  return objective.schema.parse({ kind })
}

const recipeOf = (directory: string, registry: Registry): Recipe | undefined =>
  isRun(directory) ? readRecipe(directory, registry) : undefined

/** The test sets of a run. */
function testsOf(directory: string, registry: Registry): Readonly<Record<string, SourceSpec>> {
  const tests = recipeOf(directory, registry)?.tests ?? {}
  if (Object.keys(tests).length > 0) return tests
  throw new ConfigError(
    'cli/no-data',
    `${directory} names no tests of its own: say what to test on with --data`,
    {
      model: directory,
    },
  )
}
