import type { Tensor } from '../../graph/index.ts'
import { filled, Linear, Module, normalInit, Parameter } from '../../nn/index.ts'
import type { DualEncoder } from '../dual-encoder.ts'
import type { ModelInputs } from '../family.ts'
import { AttentionPooling } from '../towers/attention-pooling.ts'
import { transformerOptions } from '../towers/config.ts'
import type { MaskedTokens } from '../towers/masked-tokens.ts'
import { pairedInputs } from '../towers/paired-towers.ts'
import { type TextReading, TextTower } from '../towers/text-tower.ts'
import { VisionTower } from '../towers/vision-tower.ts'
import type { SiglipConfig, SiglipTextConfig, SiglipVisionConfig } from './config.ts'

class SiglipVisionTower extends VisionTower {
  readonly head: AttentionPooling

  constructor(config: SiglipVisionConfig) {
    const { num_channels, patch_size, hidden_size } = config
    const initial = { patches: (num_channels * patch_size ** 2) ** -0.5, positions: hidden_size ** -0.5 }
    super(config, { classToken: false, bias: true, initial, preNorm: false })
    this.head = new AttentionPooling(transformerOptions(config))
  }

  /** @returns [batch, width] */
  forward(pixelValues: Tensor, masked?: MaskedTokens): Tensor {
    return this.head.forward(this.patches(pixelValues, masked))
  }
}

class SiglipTextTower extends TextTower {
  readonly head: Linear

  constructor(config: SiglipTextConfig) {
    super(config, { causal: false })
    this.head = new Linear(config.hidden_size, config.projection_size, {
      init: normalInit(config.hidden_size ** -0.5),
    })
  }

  /** @returns [batch, projection] */
  forward(inputIds: Tensor, reading?: TextReading): Tensor {
    const tokens = this.encode(inputIds, reading) // [batch, length, width]
    const [batch, length, width] = tokens.shape as readonly [number, number, number]
    const last = tokens.slice(1, length - 1, length).reshape([batch, width])
    return this.head.forward(this.finalLayerNorm.forward(last))
  }
}

/**
 * Hugging Face's `SiglipModel` (Zhai et al. 2023): same parameter names, layouts, config and results. Text is padded to
 * its full length, and the last token is the feature. Unless a mask is given, every token attends to every other,
 * padding included.
 */
export class SiglipModel extends Module implements DualEncoder {
  readonly logitScale: Parameter
  readonly logitBias: Parameter
  readonly textModel: SiglipTextTower
  readonly visionModel: SiglipVisionTower
  readonly #config: SiglipConfig

  constructor(config: SiglipConfig) {
    super()
    this.#config = config
    // The paper's start: t = log 10, b = −10, so that the many negatives do not swamp the first steps.
    this.logitScale = new Parameter([1], filled(Math.log(10)))
    this.logitBias = new Parameter([1], filled(-10))
    this.textModel = new SiglipTextTower(config.text_config)
    this.visionModel = new SiglipVisionTower(config.vision_config)
  }

  get config(): SiglipConfig {
    return this.#config
  }

  get inputs(): ModelInputs {
    return pairedInputs(this.#config)
  }

  encodeImage(pixelValues: Tensor): Tensor {
    return this.visionModel.forward(pixelValues) // [batch, width]
  }

  encodeText(inputIds: Tensor, attentionMask?: Tensor): Tensor {
    return this.textModel.forward(inputIds, { attentionMask })
  }

  scale(): Tensor {
    return this.logitScale.tensor.reshape([]).exp()
  }

  bias(): Tensor {
    return this.logitBias.tensor.reshape([])
  }
}
