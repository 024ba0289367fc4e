import { join } from 'node:path'
import { float32, random } from '../../src/core/index.ts'
import { Tokenizer, trainBpe } from '../../src/data/text/index.ts'
import type { Bundle } from '../../src/deploy/index.ts'
import {
  type ChunkPolicyModel,
  ClipModel,
  clipConfig,
  type DualEncoder,
  type Model,
  PolicyModel,
  policyConfig,
  SiglipModel,
  siglipConfig,
  VisionTextModel,
  VlmModel,
  visionTextConfig,
  vlmConfig,
} from '../../src/models/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { tinyChunkPolicy } from './tiny-chunk-policy.ts'

const texts = [
  'a red apple on a table',
  'a red car',
  'a green apple',
  'the smiling face of a cat',
  'a photo of a dog',
]

/** A tokenizer of some 560 tokens. */
export function tinyTokenizer(): Tokenizer {
  const { json, config } = trainBpe(texts, { vocabularySize: 560, length: 16 })
  return Tokenizer.fromJson(json, config)
}

/** A tokenizer of BERT's scheme, with some hundred tokens. */
export const tinyBertTokenizer = (): Tokenizer =>
  Tokenizer.fromFolder(join(import.meta.dirname, '../golden/token-ids/bert'))

type DualEncoderKind = 'clip' | 'siglip' | 'vision-text'

/** Widths of the layers of both towers. */
interface Widths {
  readonly hidden_size: number
  readonly intermediate_size: number
}

const tinyWidths: Widths = { hidden_size: 32, intermediate_size: 48 }

/** A dual encoder of random weights that reads 32-pixel images, with all that belongs to it. */
export function tinyBundle(type: DualEncoderKind = 'clip', widths: Widths = tinyWidths): Bundle<DualEncoder> {
  const tokenizer = type === 'vision-text' ? tinyBertTokenizer() : tinyTokenizer()
  return bundleOf(tinyModel(type, tokenizer, widths), tokenizer)
}

/** A policy of random weights that reads 32-pixel images and finds, grasps and moves its joints. */
export function tinyPolicy(): Bundle<PolicyModel> {
  const tokenizer = tinyTokenizer()
  const fusion_config = {
    hidden_size: 32,
    intermediate_size: 48,
    num_hidden_layers: 2,
    num_attention_heads: 4,
  }
  const heads = {
    detection: {
      kind: 'detection',
      box: 'box',
      category: 'category',
      classes: 3,
      hidden: [16],
      mean: [0.2, 0.2],
    },
    grasping: { kind: 'pose', label: 'grasp', hidden: [16], mean: [0.4, 0, 0.8, 0, 1, 0], scale: 0.1 },
    manipulation: { kind: 'joints', label: 'joints', hidden: [], mean: Array(7).fill(0), scale: 1 },
  }
  const model = policyConfig.parse({
    ...towers(tokenizer),
    fusion_config,
    glances: 2,
    shared_size: 24,
    heads,
  })
  return bundleOf(new PolicyModel(model), tokenizer)
}

/** A model of random weights with CLIP's towers that writes captions and reconstructs what is masked, of 16 patches a half. */
export function tinyVlm(): Bundle<VlmModel> {
  const tokenizer = tinyTokenizer()
  const part = { hidden_size: 32, intermediate_size: 48, num_hidden_layers: 1, num_attention_heads: 4 }
  const config = vlmConfig.parse({
    ...towers(tokenizer),
    projection_dim: 24,
    masked_config: { ...part, patch_ratio: 0.5 },
    decoder_config: part,
  })
  return bundleOf(new VlmModel(config), tokenizer)
}

/** A policy of random weights that acts in chunks of four, by two cameras, three numbers of state and commands. */
export function tinyChunks(): Bundle<ChunkPolicyModel> {
  const tokenizer = tinyTokenizer()
  const tower = { width: 16, depth: 1, heads: 2 }
  const model = tinyChunkPolicy({
    cameras: ['observation.images.top', 'observation.images.wrist'],
    image: { ...tower, size: 32, patch: 8 },
    text: { ...tower, length: 16 },
    vocabulary: tokenizer,
  })
  return bundleOf(model, tokenizer)
}

function bundleOf<M extends Model>(model: M, tokenizer: Tokenizer): Bundle<M> {
  const parameters = [...namedParameters(model)]
  return {
    model,
    tokenizer,
    image: {
      size: 32,
      fit: 'contain',
      background: [1, 1, 1],
      mean: [0.5, 0.4, 0.3],
      std: [0.25, 0.3, 0.35],
    },
    weights: new Map(
      parameters.map(([name, { shape, initialize }]) => [
        name,
        float32(shape, initialize(shape, random(7, 'initialize', name))),
      ]),
    ),
  }
}

function towers(tokenizer: Tokenizer, widths: Widths = tinyWidths) {
  const tower = { ...widths, num_hidden_layers: 2, num_attention_heads: 4 }
  const vision_config = { ...tower, image_size: 32, patch_size: 8 }
  const text_config = {
    ...tower,
    vocab_size: tokenizer.vocabularySize,
    max_position_embeddings: 16,
    bos_token_id: tokenizer.startId,
    eos_token_id: tokenizer.endId,
    pad_token_id: tokenizer.padId,
  }
  return { vision_config, text_config }
}

function tinyModel(type: DualEncoderKind, tokenizer: Tokenizer, widths: Widths): DualEncoder {
  const config = towers(tokenizer, widths)
  if (type === 'siglip') return new SiglipModel(siglipConfig.parse(config))
  if (type === 'clip') return new ClipModel(clipConfig.parse({ ...config, projection_dim: 24 }))
  return new VisionTextModel(visionTextConfig.parse({ ...config, projection_dim: 24 }))
}
