import type { Tensor } from '../../graph/index.ts'
import { filled, Linear, Module, normalInit, Parameter } from '../../nn/index.ts'
import type { ModelInputs } from '../family.ts'
import { ProjectedTowers } from '../projected-towers.ts'
import { BertTower } from '../towers/bert/bert-tower.ts'
import { ClassTokenTower } from '../towers/class-token-tower.ts'
import { pairedInputs } from '../towers/paired-towers.ts'
import type { VisionTextConfig } from './config.ts'

/** Inputs of a model with this config. */
export const visionTextInputs = (config: VisionTextConfig): ModelInputs => {
  const { image, text } = pairedInputs(config)
  return { image, text: { length: config.text_length ?? text.length } }
}

/** The text tower of a model at its paths, for weights of a folder of its own. */
export class TextPart extends Module {
  readonly textModel: BertTower

  constructor({ text_config, text_pooling }: VisionTextConfig) {
    super()
    this.textModel = new BertTower(text_config, text_pooling)
  }
}

/**
 * Hugging Face's `VisionTextDualEncoderModel` with CLIP's image tower and BERT as the text tower: same parameter names,
 * layouts, config and results. With `text_pooling: 'mean'` the text feature is the mean of its tokens, which that class
 * does not know.
 */
export class VisionTextModel extends ProjectedTowers {
  readonly logitScale: Parameter
  readonly visionModel: ClassTokenTower
  readonly textModel: BertTower
  readonly visualProjection: Linear
  readonly textProjection: Linear
  readonly #config: VisionTextConfig

  constructor(config: VisionTextConfig) {
    super()
    this.#config = config
    const { vision_config, text_config, projection_dim } = config
    const projection = (width: number) =>
      new Linear(width, projection_dim, { init: normalInit(width ** -0.5), bias: false })
    this.logitScale = new Parameter([], filled(config.logit_scale_init_value))
    this.visionModel = new ClassTokenTower(vision_config)
    this.textModel = new BertTower(text_config, config.text_pooling)
    this.visualProjection = projection(vision_config.hidden_size)
    this.textProjection = projection(text_config.hidden_size)
  }

  get config(): VisionTextConfig {
    return this.#config
  }

  get inputs(): ModelInputs {
    return visionTextInputs(this.#config)
  }

  poolText(inputIds: Tensor, attentionMask?: Tensor): Tensor {
    return this.textModel.forward(inputIds, attentionMask) // [batch, width]
  }
}
