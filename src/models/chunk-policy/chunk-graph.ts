import { input, type SymbolicSize, symbolicPrimes, type Tensor } from '../../graph/index.ts'
import { type EndTokens, type ExportedGraphs, ended } from '../exported-graphs.ts'
import type { ChunkObservation, ChunkPolicyModel } from './chunk-policy-model.ts'
import { type ChunkPolicyConfig, chunkKeys } from './config.ts'

const [prime] = symbolicPrimes

/** Names of the inputs of a policy's graph. */
export const chunkGraphInputs = {
  pixels: 'pixel_values',
  state: chunkKeys.state,
  text: 'input_ids',
  noise: 'noise',
} as const

/** Shapes of the inputs of a policy's graph by name, without their first axis, the batch. */
export function chunkInputShapes(config: ChunkPolicyConfig): Readonly<Record<string, readonly number[]>> {
  const { cameras, vision_config, state_size, text_config, head, chunk_size, action_size } = config
  const { num_channels, image_size } = vision_config
  const names = chunkGraphInputs
  return {
    ...(cameras.length > 0 && {
      [names.pixels]: [...(cameras.length > 1 ? [cameras.length] : []), num_channels, image_size, image_size],
    }),
    ...(state_size > 0 && { [names.state]: [state_size] }),
    ...(text_config && { [names.text]: [text_config.max_position_embeddings] }),
    ...(head === 'flow' && { [names.noise]: [chunk_size, action_size] }),
  }
}

/** Inputs of a graph for any number of observations. */
export function chunkLeaves(config: ChunkPolicyConfig): {
  readonly leaves: Readonly<Record<string, Tensor>>
  readonly symbolicSizes: readonly SymbolicSize[]
} {
  const leaves = Object.fromEntries(
    Object.entries(chunkInputShapes(config)).map(([name, shape]) => [
      name,
      input(name, [prime, ...shape], name === chunkGraphInputs.text ? 'int64' : 'float32'),
    ]),
  )
  const symbolicSizes = Object.values(leaves).map((leaf) => ({
    prime,
    name: 'batch_size',
    input: leaf,
    axis: 0,
  }))
  return { leaves, symbolicSizes }
}

/** The observation of a graph's inputs. */
export const observationOf = (leaves: Readonly<Record<string, Tensor>>): ChunkObservation => ({
  pixelValues: leaves[chunkGraphInputs.pixels],
  state: leaves[chunkGraphInputs.state],
  inputIds: leaves[chunkGraphInputs.text],
})

/**
 * The one file of a policy that acts in chunks, `model`: `pixel_values`, `observation.state`, `input_ids`, and for `flow` `noise` →
 * `action` [batch, chunk, numbers]. States and actions are in the units of the data; statistics and sampling are inside.
 */
export function chunkGraph(model: ChunkPolicyModel, tokens: EndTokens): ExportedGraphs {
  const { leaves, symbolicSizes } = chunkLeaves(model.config)
  const observation = observationOf(leaves)
  const { inputIds } = observation
  const ids = inputIds && ended(inputIds, model.inputs.text.length, tokens)
  const action = model.forward({ ...observation, inputIds: ids }, leaves[chunkGraphInputs.noise])
  return { model: { outputs: { action }, symbolicSizes } }
}
