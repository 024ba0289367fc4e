import { z } from 'zod'
import { DataError } from '../../core/index.ts'
import type {
  Evaluator,
  EvaluatorOptions,
  Findings,
  Measured,
  SampleValues,
  Subject,
} from '../../evaluation/index.ts'
import { bootstrapStatistic, meanEstimate } from '../../metrics/index.ts'
import { flatten, gridSection } from '../../report/index.ts'
import type { LoadedModel, SampleParts } from '../objectives/objective.ts'
import type { Recipe } from '../recipe/schema.ts'
import { type EvaluationOptions, type Judge, testOn } from './evaluate.ts'

/** Options of {@link objectiveEvaluator} for a suite. */
export const objective = () => ({ kind: 'objective' }) as const

export const objectiveSchema: z.ZodType<EvaluatorOptions> = z.strictObject({ kind: z.literal('objective') })

/**
 * Numbers that the objective of a model measures, as `evaluate` without a suite does: retrieval, masked words, captions, right
 * answers, the sum of several, or what a user's own objective tests. Those with parts of samples have intervals: Wilson's for
 * what is right or wrong, else the bootstrap's; the headline is the objective's monitor where it has one, else all of them.
 * @param model Model as the objective loads it. @param judge Objective of the model.
 * @throws DataError `evaluation/one-answer` for data in which every answer is right.
 */
export const objectiveEvaluator = (
  model: LoadedModel,
  judge: Judge,
  options: EvaluationOptions,
): Evaluator => ({
  schema: objectiveSchema,
  refusal: () => undefined,
  async evaluate(subject: Subject): Promise<Findings> {
    const {
      metrics,
      grids,
      samples = {},
      allRight,
    } = await testOn(model, judge, subject.name, subject.source, options)
    requireWrong(subject, allRight)
    const recipe = recipeFor(model, judge)
    const directions = judge.objective.metrics(recipe)
    const count = await countOf(subject)
    const values: Record<string, SampleValues> = {}
    for (const [path, parts] of Object.entries(samples))
      values[path] = valuesOf(parts, await subject.clusters(parts.sampleIds ?? parts.ids))
    const measured = flatten(metrics).flatMap(([path, value]): [string, Measured][] => {
      if (typeof value !== 'number') return []
      const better = directions[path]
      const parts = samples[path]
      const interval = parts && {
        interval: intervalOf(path, parts, values[path]!.clusters, subject.seed),
        count: parts.ids.length,
        ...(parts.unit && { unit: parts.unit }),
      }
      return [[path, { value, count, ...interval, ...(better && { better }) }]]
    })
    const report = judge.objective.report({ [subject.name]: metrics })
    return {
      metrics: Object.fromEntries(measured),
      headline: headlineOf(
        measured.map(([path]) => path),
        Object.keys(samples),
        judge.objective.monitor(recipe),
      ),
      samples: values,
      sections: [...report.sections, ...grids.map(gridSection)],
      figures: report.figures,
    }
  },
})

/** @throws DataError `evaluation/one-answer` where the numbers say nothing. */
function requireWrong({ name }: Subject, allRight: string | undefined): void {
  if (allRight !== undefined) throw new DataError('evaluation/one-answer', `'${name}': ${allRight}`, { name })
}

/** The monitor, if it is measured sample by sample; else what is; else the monitor, or the first number. */
function headlineOf(
  paths: readonly string[],
  sampled: readonly string[],
  monitor: string,
): readonly string[] {
  if (sampled.includes(monitor)) return [monitor]
  if (sampled.length > 0) return sampled
  return [paths.includes(monitor) ? monitor : paths[0]!]
}

/** Values whose mean is the metric Σ sums / Σ weights. */
function valuesOf(
  { ids, sums, weights }: SampleParts,
  clusters: readonly string[] | undefined,
): SampleValues {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length
  return { ids, values: sums.map((sum) => sum / mean), ...(clusters && { clusters }) }
}

function intervalOf(
  path: string,
  { sums, weights }: SampleParts,
  clusters: readonly string[] | undefined,
  seed: number,
): readonly [number, number] {
  const right = /(?:^|\.)R@\d+$/.test(path) ? 100 : 1 // recalls are in percent
  if (weights.every((weight) => weight === 1)) return meanEstimate(sums, { seed, clusters, right }).interval
  const ratio = (rows: Int32Array) => {
    let [sum, weight] = [0, 0]
    for (const row of rows) {
      sum += sums[row]!
      weight += weights[row]!
    }
    return sum / weight
  }
  return bootstrapStatistic(sums.length, ratio, { seed, clusters }).interval
}

/** The recipe of a run; of a bundle the part that names and directions of metrics follow from. */
const recipeFor = ({ description }: LoadedModel, { recipe, options }: Judge): Recipe =>
  recipe ?? ({ model: description.model.config, objective: options } as Recipe)

async function countOf({ source }: Subject): Promise<number> {
  if (source.size !== undefined) return source.size
  let count = 0
  for await (const _ of source.samples({ onBad: () => {} })) count++
  return count
}
