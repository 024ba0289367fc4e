import { z } from 'zod'
import { type SupernetParts, supernetPartsSchema } from '../../compression/index.ts'
import type { Problem } from '../objectives/objective.ts'
import { objectiveOf } from './objective-of.ts'
import type { Registry } from './registry.ts'
import type { Recipe } from './schema.ts'

/** Training of a model whose parts are networks too: see docs/search-architecture.md. */
export const supernetSchema = z.strictObject({
  /** Shares, by the pattern of paths, of hidden units, heads and layers that sub-networks have. */
  parts: supernetPartsSchema,
  /** Sub-networks that are drawn for each step beside the largest and the smallest. */
  random: z.int().nonnegative().default(2),
  /** Steps for which a drawn one stays, since compiling it takes longer than a step. */
  redrawSteps: z.int().positive().default(20),
  /** The others learn from the largest, too, as it is at each step: as `distill` does by default. */
  distil: z.boolean().default(false),
})

/** Options of {@link supernet}. */
export type SupernetTraining = Omit<z.input<typeof supernetSchema>, 'parts'>

/**
 * A supernet as a recipe's `supernet`, or as a space: its largest network is the recipe's model, and sub-networks share its
 * weights (Once-for-All, Cai et al. 2020). Each step trains the largest, the smallest and `random` others, whose gradients
 * are added (the sandwich rule, Yu & Huang 2019).
 * @param parts By the pattern of paths, such as `vision_model.*`, the shares in (0, 1] of `hidden` units, `heads` and `layers`
 * that a sub-network has, 1 among them: the first ones, rounded to whole units, one at least.
 * @param options `random` default 2; `redrawSteps`, the steps for which a drawn sub-network stays, default 20; `distil`, true for
 * others than the largest to learn from it (in-place distillation), default false.
 */
export const supernet = (parts: SupernetParts, options: SupernetTraining = {}) => ({ parts, ...options })

/** Mistakes of a supernet together with other keys. */
export function* supernetProblems(recipe: Recipe, registry: Registry): Generator<Problem> {
  const { supernet, stages, lora, keepZeros, parameters, distillation } = recipe
  if (!supernet) return
  if (stages) yield ['stages train one model after the other: leave supernet or stages out', 'supernet']
  if (lora)
    yield [
      'adapters leave the weights as they are, of which sub-networks have parts: leave supernet or lora out',
      'supernet',
    ]
  if (keepZeros)
    yield ['sub-networks have the first units, zeros or not: leave supernet or keepZeros out', 'supernet']
  if (supernet.distil && distillation)
    yield [
      'sub-networks learn from the largest or from other teachers: leave distillation or distil out',
      'supernet',
      'distil',
    ]
  if (supernet.distil && !objectiveOf(recipe, registry).distillation?.inPlace)
    yield [
      `the objective '${recipe.objective.kind}' has no outputs from which sub-networks could learn: leave distil out`,
      'supernet',
      'distil',
    ]
  if (parameters.some(({ freeze }) => freeze))
    yield ['sub-networks train their part of every weight: freeze none, or leave supernet out', 'supernet']
}
