import { input, l2Normalize, type SymbolicSize, symbolicPrimes, type Tensor } from '../graph/index.ts'
import type { DualEncoder } from './dual-encoder.ts'
import { type EndTokens, type ExportedGraphs, ended } from './exported-graphs.ts'

/** Stand for the sizes that stay free in the files. */
const [textBatch, imageBatch, sequence] = symbolicPrimes

/** Differences between the files of families. */
export interface DualEncoderGraphOptions {
  /** True where texts may be shorter than the longest that the model takes. */
  readonly freeLength: boolean
  /** Name of the output in the files of single towers. */
  readonly textOutput: string
  readonly imageOutput: string
}

/**
 * The files of a dual encoder, with the inputs and outputs that transformers.js expects. Batch sizes are free.
 *
 * - `model`: `input_ids` and `pixel_values` → `logits_per_image` [images, texts], `logits_per_text` [texts, images],
 *   `text_embeds`, `image_embeds` (unit vectors).
 * - `text_model`, `vision_model`: one tower each → its feature [batch, projection], not normalized.
 */
export function dualEncoderGraphs(
  model: DualEncoder,
  tokens: EndTokens,
  { freeLength, textOutput, imageOutput }: DualEncoderGraphOptions,
): ExportedGraphs {
  const { size, channels } = model.inputs.image
  const longest = model.inputs.text.length
  const pixels = input('pixel_values', [imageBatch, channels, size, size])
  const ids = input('input_ids', [textBatch, freeLength ? sequence : longest], 'int64')
  const images: SymbolicSize = { prime: imageBatch, name: 'image_batch_size', input: pixels, axis: 0 }
  const texts: SymbolicSize[] = [{ prime: textBatch, name: 'text_batch_size', input: ids, axis: 0 }]
  if (freeLength) texts.push({ prime: sequence, name: 'sequence_length', input: ids, axis: 1 })

  const image = model.encodeImage(pixels) // [images, projection]
  const text = model.encodeText(ended(ids, longest, tokens)) // [texts, projection]
  return {
    model: { outputs: similarityOutputs(model, image, text), symbolicSizes: [...texts, images] },
    text_model: { outputs: { [textOutput]: text }, symbolicSizes: texts },
    vision_model: { outputs: { [imageOutput]: image }, symbolicSizes: [images] },
  }
}

function similarityOutputs(model: DualEncoder, image: Tensor, text: Tensor): Record<string, Tensor> {
  const imageEmbeds = l2Normalize(image)
  const textEmbeds = l2Normalize(text)
  const scaled = textEmbeds.matmul(imageEmbeds, { transposeB: true }).mul(model.scale()) // [texts, images]
  const bias = model.bias()
  const logits = bias ? scaled.add(bias) : scaled
  return {
    logits_per_image: logits.transpose([1, 0]),
    logits_per_text: logits,
    text_embeds: textEmbeds,
    image_embeds: imageEmbeds,
  }
}
