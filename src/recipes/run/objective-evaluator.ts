import { z } from 'zod'
import type { Evaluator, EvaluatorOptions, Findings, Measured, Subject } from '../../evaluation/index.ts'
import { flatten, gridSection } from '../../report/index.ts'
import type { LoadedModel } from '../objectives/objective.ts'
import type { Recipe } from '../recipe/schema.ts'
import { type EvaluationOptions, type Judge, testOn } from './evaluate.ts'

/** Options of the evaluator for a suite: what the model's objective measures. */
export const objective = () => ({ kind: 'objective' }) as const

export const objectiveSchema: z.ZodType<EvaluatorOptions> = z.strictObject({ kind: z.literal('objective') })

/**
 * What the objective of a model measures, as `evaluate` without a suite does: masked words, captions, the sum of several, or
 * what a user's own objective tests. Its numbers are those of a whole data set, so that they have no intervals of samples;
 * `retrieval` and `answers` measure dual encoders and policies with intervals.
 * @param model Model as the objective loads it. @param judge Objective of the model.
 */
export const objectiveEvaluator = (
  model: LoadedModel,
  judge: Judge,
  options: EvaluationOptions,
): Evaluator => ({
  schema: objectiveSchema,
  refusal: () => undefined,
  async evaluate(subject: Subject): Promise<Findings> {
    const { metrics, grids } = await testOn(model, judge, subject.name, subject.source, options)
    const recipe = recipeFor(model, judge)
    const directions = judge.objective.metrics(recipe)
    const count = await countOf(subject)
    const measured = flatten(metrics).flatMap(([path, value]): [string, Measured][] => {
      if (typeof value !== 'number') return []
      const better = directions[path]
      return [[path, { value, count, ...(better && { better }) }]]
    })
    const names = measured.map(([path]) => path)
    const monitor = judge.objective.monitor(recipe)
    const report = judge.objective.report({ [subject.name]: metrics })
    return {
      metrics: Object.fromEntries(measured),
      headline: [names.includes(monitor) ? monitor : names[0]!],
      samples: {},
      sections: [...report.sections, ...grids.map(gridSection)],
      figures: report.figures,
    }
  },
})

/** The recipe of a run; of a bundle the part that names and directions of metrics follow from. */
const recipeFor = ({ description }: LoadedModel, { recipe, options }: Judge): Recipe =>
  recipe ?? ({ model: description.model.config, objective: options } as Recipe)

async function countOf({ source }: Subject): Promise<number> {
  if (source.size !== undefined) return source.size
  let count = 0
  for await (const _ of source.samples({ onBad: () => {} })) count++
  return count
}
