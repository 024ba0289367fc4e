import { type Module, namedLayers } from '../nn/index.ts'
import { matchPattern } from '../optim/index.ts'

/**
 * Layers that are computed again in the backward pass (gradient checkpointing: less memory, more time): all, none, or
 * the layers whose path matches a pattern, such as `vision_model.*` or `*.layers.0`.
 */
export type Recompute = boolean | readonly string[]

/**
 * Mark the layers to recompute, anywhere in the model; graphs that are built afterwards do so.
 * @returns The model.
 * @throws ConfigError `optim/pattern` for a pattern that no layer matches.
 */
export function recomputeLayers<M extends Module>(model: M, recompute: Recompute): M {
  const layers = namedLayers(model)
  const paths = [...layers.keys()]
  const chosen =
    typeof recompute === 'boolean'
      ? paths.filter(() => recompute)
      : recompute.flatMap((pattern) => matchPattern(pattern, paths, 'layer'))
  for (const path of chosen) layers.get(path)?.recompute()
  return model
}
