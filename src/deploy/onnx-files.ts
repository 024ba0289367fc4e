import { rewrite, writeOnnx } from '../graph/index.ts'
import { type EndTokens, type Families, familyOf, type Model } from '../models/index.ts'
import { namedParameters } from '../nn/index.ts'
import type { Weights } from './weights.ts'

/**
 * A model as ONNX files with the inputs and outputs that transformers.js expects, weights included. Batch sizes
 * are free, and so is the length of CLIP's texts; SigLIP reads its feature at the last token and needs texts at
 * their full length.
 *
 * - `model`: `input_ids` and `pixel_values` → `logits_per_image` [images, texts], `logits_per_text` [texts, images],
 *   `text_embeds`, `image_embeds` (unit vectors).
 * - `text_model`, `vision_model`: one tower each → `text_embeds`, `image_embeds` [batch, projection], for SigLIP
 *   `pooler_output`; not normalized.
 *
 * A policy is one file, `model`: `pixel_values` and `input_ids`, a command for each image → `attention` [batch,
 * patches], weights that add up to 1, and `<head>.<output>` in the units of its label; classes are logits.
 *
 * Padding needs no `attention_mask`: CLIP's end token sees none of what follows it, SigLIP sees it all.
 * @param only Names of the files that are wanted; default all.
 */
export function* onnxFiles(
  model: Model,
  weights: Weights,
  tokens: EndTokens,
  only?: readonly string[],
): Generator<[name: string, bytes: Uint8Array]> {
  const stored = new Map(
    [...namedParameters(model)].map(([name, { tensor }]) => [tensor, weights.get(name)!]),
  )
  for (const [name, { outputs, symbolicSizes }] of Object.entries(exportedGraphs(model, tokens))) {
    if (only && !only.includes(name)) continue
    yield [name, writeOnnx(rewrite(outputs), { weights: stored, symbolicSizes }).bytes]
  }
}

export interface ExportedGraph {
  readonly outputs: Readonly<Record<string, Tensor>>
  readonly symbolicSizes: readonly SymbolicSize[]
}

type ExportedGraphs = Readonly<Record<string, ExportedGraph>>

/** The graphs of a model's files by their names. */
export const exportedGraphs = (model: Model, tokens: EndTokens): ExportedGraphs =>
  isPolicy(model) ? policyGraph(model, tokens) : dualEncoderGraphs(model, tokens)

function dualEncoderGraphs(model: DualEncoder, tokens: EndTokens): ExportedGraphs {
  const { model_type, text_config, vision_config } = model.config
  const isClip = model_type === 'clip'
  const { num_channels, image_size } = vision_config
  const longest = text_config.max_position_embeddings
  const pixels = input('pixel_values', [imageBatch, num_channels, image_size, image_size])
  const ids = input(
    'input_ids',
    [textBatch, isClip ? sequence : text_config.max_position_embeddings],
    'int64',
  )
  const images: SymbolicSize = { prime: imageBatch, name: 'image_batch_size', input: pixels, axis: 0 }
  const texts: SymbolicSize[] = [{ prime: textBatch, name: 'text_batch_size', input: ids, axis: 0 }]
  if (isClip) texts.push({ prime: sequence, name: 'sequence_length', input: ids, axis: 1 })

  const image = model.encodeImage(pixels) // [images, projection]
  const text = model.encodeText(ended(ids, longest, tokens)) // [texts, projection]
  return {
    model: { outputs: similarityOutputs(model, image, text), symbolicSizes: [...texts, images] },
    text_model: { outputs: { [isClip ? 'text_embeds' : 'pooler_output']: text }, symbolicSizes: texts },
    vision_model: {
      outputs: { [isClip ? 'image_embeds' : 'pooler_output']: image },
      symbolicSizes: [images],
    },
  }
}

function policyGraph(model: PolicyModel, tokens: EndTokens): ExportedGraphs {
  const { text_config, vision_config } = model.config
  const { num_channels, image_size } = vision_config
  const pixels = input('pixel_values', [imageBatch, num_channels, image_size, image_size])
  const ids = input('input_ids', [imageBatch, sequence], 'int64')
  const symbolicSizes: SymbolicSize[] = [
    { prime: imageBatch, name: 'batch_size', input: pixels, axis: 0 },
    { prime: imageBatch, name: 'batch_size', input: ids, axis: 0 },
    { prime: sequence, name: 'sequence_length', input: ids, axis: 1 },
  ]
  const { heads, attention } = model.forward(pixels, ended(ids, text_config.max_position_embeddings, tokens))
  return { model: { outputs: { ...outputsByName(heads), attention: attention.softmax() }, symbolicSizes } }
}

/**
 * Texts [texts, length] that end with the end token, or padding, even where they were cut: transformers.js cuts
 * long texts to `longest` tokens without keeping it, and all of them would get one and the same feature.
 */
function ended(ids: Tensor, longest: number, { endId, padId }: EndTokens): Tensor {
  if (endId === undefined) return ids
  const length = ids.shape[1]!
  const isLast = positions(length, longest)
    .reshape([1, length])
    .equal(longest - 1)
  return isLast.and(ids.equal(padId).not()).where(scalar(endId, 'int64'), ids)
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
