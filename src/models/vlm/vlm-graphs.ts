import { input, type SymbolicSize, symbolicPrimes, type Tensor } from '../../graph/index.ts'
import { dualEncoderGraphs } from '../dual-encoder-graphs.ts'
import type { EndTokens, ExportedGraph, ExportedGraphs } from '../exported-graphs.ts'
import { patchCounts } from './config.ts'
import type { VlmModel } from './vlm-model.ts'
import { wordScores, wordsAt } from './word-scores.ts'

/** Stand for the sizes that stay free in the files. */
const [batch, other, sequence] = symbolicPrimes

const sizes = (
  prime: number,
  name: string,
  ...inputs: readonly (readonly [Tensor, number])[]
): SymbolicSize[] => inputs.map(([tensor, axis]) => ({ prime, name, input: tensor, axis }))

/**
 * The files of a model: those of a dual encoder, and by config `masked_model`, or `image_tokens`, `next_word` and
 * `captions`.
 */
export const vlmGraphs = (model: VlmModel, tokens: EndTokens): ExportedGraphs => ({
  ...dualEncoderGraphs(model, tokens, {
    freeLength: true,
    textOutput: 'text_embeds',
    imageOutput: 'image_embeds',
  }),
  ...(model.maskedModel && { masked_model: maskedGraph(model) }),
  ...(model.captionModel && {
    image_tokens: imageTokensGraph(model),
    next_word: nextWordGraph(model),
    captions: captionsGraph(model),
  }),
})

/** Inputs of the graphs for pairs of an image and a text of full length. */
function pairInputs({ inputs: { image, text } }: VlmModel) {
  const pixels = input('pixel_values', [batch, image.channels, image.size, image.size])
  const ids = input('input_ids', [batch, text.length], 'int64')
  return { pixels, ids }
}

/**
 * `pixel_values`, `input_ids`, `visible_patches` [batch, visible], `masked_tokens` [batch, masked] and `image_seen` [batch] →
 * `patches` [batch, patches, numbers], `words` [batch, masked], the most probable ones, and `log_probabilities` [batch,
 * masked] of the words that `input_ids` has there. See `VlmModel.reconstruct`.
 */
export function maskedGraph(model: VlmModel): ExportedGraph {
  const { pixels, ids } = pairInputs(model)
  const { vision_config, masked_config } = model.config
  const { patches, masked } = patchCounts({ vision_config, masked_config: masked_config! })
  const visiblePatches = input('visible_patches', [batch, patches - masked], 'int64')
  const maskedTokens = input('masked_tokens', [batch, other], 'int64')
  const imageSeen = input('image_seen', [batch])
  const built = model.reconstruct({
    pixelValues: pixels,
    inputIds: ids,
    visiblePatches,
    maskedTokens,
    imageSeen,
  })
  const { best, logProbabilities } = wordScores(built.words, wordsAt(ids, maskedTokens))
  return {
    outputs: { patches: built.patches, words: best, log_probabilities: logProbabilities },
    symbolicSizes: [
      ...sizes(
        batch,
        'batch_size',
        [pixels, 0],
        [ids, 0],
        [visiblePatches, 0],
        [maskedTokens, 0],
        [imageSeen, 0],
      ),
      ...sizes(other, 'masked', [maskedTokens, 1]),
    ],
  }
}

/** `pixel_values` → `patches` [batch, patches, width], which `next_word` reads. */
export function imageTokensGraph(model: VlmModel): ExportedGraph {
  const { pixels } = pairInputs(model)
  return {
    outputs: { patches: model.visionModel.patches(pixels) },
    symbolicSizes: sizes(batch, 'batch_size', [pixels, 0]),
  }
}

/**
 * `patches` [texts, patches, width], `input_ids` [texts, length] and `position` [texts] → `logits` [texts, vocabulary] of the
 * word behind the one at this position.
 */
function nextWordGraph(model: VlmModel): ExportedGraph {
  const { vision_config } = model.config
  const count = Math.floor(vision_config.image_size / vision_config.patch_size) ** 2
  const patches = input('patches', [batch, count, vision_config.hidden_size])
  const ids = input('input_ids', [batch, sequence], 'int64')
  const position = input('position', [batch], 'int64')
  const logits = model.nextWords(patches, model.textModel.tokens(ids), (states) =>
    model.isAt(position.reshape([batch, 1]), sequence).matmul(states),
  ) // [texts, 1, vocabulary]
  return {
    outputs: { logits: logits.reshape([batch, logits.shape[2]!]) },
    symbolicSizes: [
      ...sizes(batch, 'texts', [ids, 0], [patches, 0], [position, 0]),
      ...sizes(sequence, 'sequence_length', [ids, 1]),
    ],
  }
}

/**
 * `pixel_values` and `input_ids` → `log_probabilities` [batch, length − 1] of each word behind those before it, and `words`, the
 * most probable ones.
 */
export function captionsGraph(model: VlmModel): ExportedGraph {
  const { pixels, ids } = pairInputs(model)
  const { patches, words } = model.encodeBoth(pixels, ids)
  const length = ids.shape[1]!
  const logits = model.nextWords(patches, words.slice(1, 0, length - 1))
  const { best, logProbabilities } = wordScores(logits, ids.slice(1, 1, length))
  return {
    outputs: { words: best, log_probabilities: logProbabilities },
    symbolicSizes: sizes(batch, 'batch_size', [pixels, 0], [ids, 0]),
  }
}
