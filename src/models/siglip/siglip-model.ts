import { paddingMask, type Tensor } from '../../graph/index.ts'
import {
  Embedding,
  filled,
  LayerNorm,
  Linear,
  Module,
  normalInit,
  Parameter,
  PatchEmbedding,
  Transformer,
  type Wrap,
} from '../../nn/index.ts'
import { TextEmbeddings } from '../clip/text-tower.ts'
import { transformerOptions } from '../clip/vision-tower.ts'
import type { DualEncoder } from '../dual-encoder.ts'
import { layerWraps, type Recompute } from '../recompute.ts'
import { AttentionPooling } from './attention-pooling.ts'
import type { SiglipConfig, SiglipTextConfig, SiglipVisionConfig } from './config.ts'

class VisionEmbeddings extends Module {
  readonly patchEmbedding: PatchEmbedding
  readonly positionEmbedding: Embedding

  constructor(config: SiglipVisionConfig) {
    super()
    const { num_channels, hidden_size, patch_size, image_size } = config
    const patches = Math.floor(image_size / patch_size) ** 2
    this.patchEmbedding = new PatchEmbedding(num_channels, hidden_size, patch_size, {
      init: normalInit((num_channels * patch_size ** 2) ** -0.5),
      bias: true,
    })
    this.positionEmbedding = new Embedding(patches, hidden_size, { init: normalInit(hidden_size ** -0.5) })
  }

  forward(pixelValues: Tensor): Tensor {
    return this.patchEmbedding.forward(pixelValues).add(this.positionEmbedding.weight.tensor) // [batch, patches, width]
  }
}

class VisionTower extends Module {
  readonly embeddings: VisionEmbeddings
  readonly encoder: Transformer
  readonly postLayernorm: LayerNorm
  readonly head: AttentionPooling

  constructor(config: SiglipVisionConfig, wrap: Wrap) {
    super()
    const options = transformerOptions(config)
    this.embeddings = new VisionEmbeddings(config)
    this.encoder = new Transformer(options, wrap)
    this.postLayernorm = new LayerNorm(config.hidden_size, config.layer_norm_eps)
    this.head = new AttentionPooling(options)
  }

  forward(pixelValues: Tensor): Tensor {
    const tokens = this.encoder.forward(this.embeddings.forward(pixelValues)) // [batch, patches, width]
    return this.head.forward(this.postLayernorm.forward(tokens)) // [batch, width]
  }
}

class TextTower extends Module {
  readonly embeddings: TextEmbeddings
  readonly encoder: Transformer
  readonly finalLayerNorm: LayerNorm
  readonly head: Linear

  constructor(config: SiglipTextConfig, wrap: Wrap) {
    super()
    this.embeddings = new TextEmbeddings(config)
    this.encoder = new Transformer(transformerOptions(config), wrap)
    this.finalLayerNorm = new LayerNorm(config.hidden_size, config.layer_norm_eps)
    this.head = new Linear(config.hidden_size, config.projection_size, {
      init: normalInit(config.hidden_size ** -0.5),
    })
  }

  forward(inputIds: Tensor, attentionMask?: Tensor): Tensor {
    const mask = attentionMask && paddingMask(attentionMask)
    const tokens = this.encoder.forward(this.embeddings.forward(inputIds), mask) // [batch, length, width]
    const [batch, length, width] = tokens.shape as readonly [number, number, number]
    const last = tokens.slice(1, length - 1, length).reshape([batch, width])
    return this.head.forward(this.finalLayerNorm.forward(last)) // [batch, projection]
  }
}

/**
 * Hugging Face's `SiglipModel` (Zhai et al. 2023): same parameter names, layouts, config and results. Text is
 * padded to its full length and, unless a mask is given, every token sees every other, padding included; the
 * last one is the feature.
 *
 * @param recompute Layers to recompute in the backward pass; default none.
 */
export class SiglipModel extends Module implements DualEncoder {
  readonly logitScale: Parameter
  readonly logitBias: Parameter
  readonly textModel: TextTower
  readonly visionModel: VisionTower
  readonly #config: SiglipConfig

  constructor(config: SiglipConfig, { recompute = false }: { recompute?: Recompute } = {}) {
    super()
    this.#config = config
    const wraps = layerWraps(recompute, config)
    // The paper's start: t = log 10, b = −10, so that the many negatives do not swamp the first steps.
    this.logitScale = new Parameter([1], filled(Math.log(10)))
    this.logitBias = new Parameter([1], filled(-10))
    this.textModel = new TextTower(config.text_config, wraps.text)
    this.visionModel = new VisionTower(config.vision_config, wraps.vision)
  }

  get config(): SiglipConfig {
    return this.#config
  }

  encodeImage(pixelValues: Tensor): Tensor {
    return this.visionModel.forward(pixelValues) // [batch, width]
  }

  encodeText(inputIds: Tensor, attentionMask?: Tensor): Tensor {
    return this.textModel.forward(inputIds, attentionMask)
  }

  scale(): Tensor {
    return this.logitScale.tensor.reshape([]).exp()
  }

  bias(): Tensor {
    return this.logitBias.tensor.reshape([])
  }
}
