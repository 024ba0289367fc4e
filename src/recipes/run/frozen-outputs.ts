import type { Model } from '../../models/index.ts'
import { inPieces, type OutputsOf, type PreparedTraining } from '../../training/index.ts'
import { openBase } from './base.ts'
import { frozenFeatures } from './frozen-features.ts'
import type { ResolvedRecipe } from './resolve.ts'

/** Functions that add arrays of frozen models and towers to the training batches, and sentences about them. */
export interface FrozenOutputs {
  readonly outputs: readonly OutputsOf[]
  readonly notes: readonly string[]
}

/** The arrays that a run's own frozen towers, and the frozen models of its objective, add to the training batches. */
export async function frozenOutputs(
  resolved: ResolvedRecipe,
  model: Model,
  training: PreparedTraining,
): Promise<FrozenOutputs> {
  const { recipe, registry, objective } = resolved
  const features = await frozenFeatures(resolved, model, training)
  // A resumed run takes its weights from the checkpoint, but its frozen models from the base as before.
  const base = () => (resolved.base ?? openBase(recipe, registry))?.bundle
  const own = await objective.outputs?.(model, recipe, { engine: training.state.engine, base })
  const { microSize, size } = recipe.batches
  const inMicroBatches = (own ?? []).map((outputsOf) => inPieces(outputsOf, microSize ?? size))
  const outputs = [...features.outputs.values(), ...inMicroBatches]
  return { outputs, notes: features.notes }
}
