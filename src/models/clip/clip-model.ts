import type { Tensor } from '../../graph/index.ts'
import { filled, Linear, normalInit, Parameter } from '../../nn/index.ts'
import type { ModelConfig, ModelInputs } from '../family.ts'
import { ProjectedTowers } from '../projected-towers.ts'
import { ClassTokenTower } from '../towers/class-token-tower.ts'
import { EndTokenTower } from '../towers/end-token-tower.ts'
import { pairedInputs } from '../towers/paired-towers.ts'
import type { ClipConfig } from './config.ts'

/** Keys of a config that has CLIP's towers and projections, beside its `model_type`. */
export type ConfigOfClip = ModelConfig & Omit<ClipConfig, 'model_type'>

/**
 * Hugging Face's `CLIPModel` (Radford et al. 2021): same parameter names, layouts, config and results.
 *
 * @typeParam Config Config of a model that has further parts; default CLIP's own.
 */
export class ClipModel<Config extends ConfigOfClip = ClipConfig> extends ProjectedTowers {
  readonly logitScale: Parameter
  readonly textModel: EndTokenTower
  readonly visionModel: ClassTokenTower
  readonly visualProjection: Linear
  readonly textProjection: Linear
  readonly #config: Config

  constructor(config: Config) {
    super()
    this.#config = config
    const { vision_config, text_config, projection_dim } = config
    const projection = (width: number) =>
      new Linear(width, projection_dim, { init: normalInit(width ** -0.5), bias: false })
    this.logitScale = new Parameter([], filled(config.logit_scale_init_value))
    this.textModel = new EndTokenTower(text_config)
    this.visionModel = new ClassTokenTower(vision_config)
    this.visualProjection = projection(vision_config.hidden_size)
    this.textProjection = projection(text_config.hidden_size)
  }

  get config(): Config {
    return this.#config
  }

  get inputs(): ModelInputs {
    return pairedInputs(this.#config)
  }

  poolText(inputIds: Tensor, attentionMask?: Tensor): Tensor {
    return this.textModel.forward(inputIds, { attentionMask }) // [batch, width]
  }
}
