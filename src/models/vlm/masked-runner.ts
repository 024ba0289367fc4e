import type { HostArray } from '../../core/index.ts'
import { toHost } from '../../engine/index.ts'
import type { RunGraph } from '../run-graph.ts'

/** Arrays of a batch with its masks; see `MaskedInputs`. */
export interface MaskedArrays {
  readonly pixelValues: HostArray
  readonly inputIds: HostArray
  readonly visiblePatches: HostArray
  readonly maskedTokens: HostArray
  readonly imageSeen: HostArray
}

/** Answers of a model in the place of masks, row after row. */
export interface MaskedValues {
  /** Numbers of each patch: [batch, patches, numbers]. */
  readonly patches: Float32Array
  /** The most probable word at each masked place: [batch, masked]. */
  readonly words: BigInt64Array
  /** Logarithms of the probability of the word that the text has there: [batch, masked]. */
  readonly logProbabilities: Float32Array
}

/** A model that can be asked what is behind masks: a program over an arena of training, or a bundle's ONNX file. */
export interface MaskedRunner {
  reconstruct(arrays: MaskedArrays): Promise<MaskedValues>
}

/** The runner of the graph `masked_model`. */
export const maskedRunner = (run: RunGraph): MaskedRunner => ({
  async reconstruct({ pixelValues, inputIds, visiblePatches, maskedTokens, imageSeen }) {
    const results = await run({
      pixel_values: pixelValues,
      input_ids: inputIds,
      visible_patches: visiblePatches,
      masked_tokens: maskedTokens,
      image_seen: imageSeen,
    })
    return {
      patches: await toHost(results.patches!, 'float32'),
      words: await toHost(results.words!, 'int64'),
      logProbabilities: await toHost(results.log_probabilities!, 'float32'),
    }
  },
})
