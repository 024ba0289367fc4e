import { type HostArray, hostArray } from '../../core/index.ts'
import { Arena, arenaLayout, type Engine } from '../../engine/index.ts'
import { graphOverArena, imageTokensGraph, type VlmModel } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import type { OutputsOf } from '../outputs/with-outputs.ts'

/** Name of the array with the features of patches that masked modelling predicts. */
export const targetFeatures = 'targetFeatures'

/**
 * Features of every patch by a frozen copy of the image tower: `targetFeatures` [batch, patches, width], of the unmasked
 * `pixelValues` of a batch.
 *
 * @param model The model, of which the tower is a part.
 * @param weights Weights of the tower by their names in the model; others are not read.
 */
export async function frozenPatches(
  engine: Engine,
  model: VlmModel,
  weights: ReadonlyMap<string, HostArray>,
): Promise<OutputsOf> {
  const own = [...namedParameters(model)].filter(([name]) => name.startsWith('vision_model.'))
  const values = await Arena.create(engine, arenaLayout([own.map(([name, { shape }]) => ({ name, shape }))]))
  await values.write(new Map(own.map(([name]) => [name, weights.get(name)!])))
  const run = await graphOverArena(engine, model, values, () => imageTokensGraph(model), own)
  return async ({ arrays }) => {
    const { patches } = await run({ pixel_values: arrays.pixelValues! })
    return { [targetFeatures]: hostArray('float32', patches!.dims, patches!.data as Float32Array) }
  }
}
