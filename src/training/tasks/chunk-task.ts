import type { Precision } from '../../engine/index.ts'
import type { ChunkPolicyModel } from '../../models/index.ts'
import { namedParameters, withDropout } from '../../nn/index.ts'
import type { StrategyMemory } from '../strategies/define-task.ts'
import { lossTask } from '../strategies/loss-task.ts'
import type { Task } from '../task.ts'
import { chunkEvaluator, type Trials } from './chunk-evaluator.ts'
import { chunkLosses, drawFor, requireFiniteRows } from './chunk-loss.ts'
import type { Grounding } from './grounding.ts'

export interface ChunkTaskOptions {
  /** Seed of dropout, of the latents of `act`, and of noise and times of `flow`. */
  readonly seed: number
  /** Precision of matrix products in training; default `float32`. */
  readonly precision?: Precision
  /** Boxes that teach where to look; default none. */
  readonly grounding?: Grounding | undefined
  /** Trials of the policy at each validation, whose metrics stand beside the errors. Default: none. */
  readonly trials?: Trials | undefined
}

/**
 * Behaviour cloning of chunks of actions, normalized; padded actions change nothing.
 *
 *     l1     |â − a|
 *     act    |â − a| + 10·KL(q(z|a, state) ‖ N(0, 1)), z = mean + exp(logVariance/2)·ε        (Zhao et al. 2023)
 *     flow   ‖v(x_t, t) − (ε − a)‖², x_t = t·ε + (1 − t)·a, t ~ Beta(1.5, 1)·0.999 + 0.001    (Black et al. 2024)
 *
 * With `grounding` each loss has weight·(−Σ targetₚ · log softmax(scores)ₚ) added: the scores of the cells of the first camera's
 * picture by the policy's glances (see `Glances`) against the part of a box in each, summed over the named boxes; see `groundingErrors`.
 * It is no part of the loss that validation measures.
 *
 * Batches hold `pixelValues` [batch, (cameras,) channels, height, width], `observation.state` [batch, numbers], `inputIds`, `action`
 * [batch, chunk, numbers] and `action_is_pad` [batch, chunk], in the units of the data.
 */
export function chunkTask(
  model: ChunkPolicyModel,
  { seed, precision = 'float32', grounding, trials }: ChunkTaskOptions,
): Task<StrategyMemory<Record<never, never>>> {
  return lossTask({
    name: 'behaviorCloning',
    parameters: namedParameters(model),
    precision,
    seed,
    draw: ({ ids, arrays }, streamOf) => {
      requireFiniteRows(ids, arrays)
      return drawFor(model, ids, streamOf)
    },
    loss: (leaves) => withDropout(leaves.drop, () => chunkLosses(model, leaves, grounding)),
    evaluator: chunkEvaluator(model, trials),
  })
}
