import type { Tensor } from '../../graph/index.ts'
import { filled, Linear, Module, normalInit, Parameter } from '../../nn/index.ts'
import { clampedScale, type DualEncoder } from '../dual-encoder.ts'
import { layerWraps, type Recompute } from '../recompute.ts'
import type { ClipConfig } from './config.ts'
import { ClipTextTower } from './text-tower.ts'
import { ClipVisionTower } from './vision-tower.ts'

/**
 * Hugging Face's `CLIPModel` (Radford et al. 2021): same parameter names, layouts, config and results.
 *
 * @param recompute Layers to recompute in the backward pass; default none.
 */
export class ClipModel extends Module implements DualEncoder {
  readonly logitScale: Parameter
  readonly textModel: ClipTextTower
  readonly visionModel: ClipVisionTower
  readonly visualProjection: Linear
  readonly textProjection: Linear
  readonly #config: ClipConfig

  constructor(config: ClipConfig, { recompute = false }: { recompute?: Recompute } = {}) {
    super()
    this.#config = config
    const { vision_config, text_config, projection_dim } = config
    const projection = (width: number) =>
      new Linear(width, projection_dim, { init: normalInit(width ** -0.5), bias: false })
    const wraps = layerWraps(recompute, config)
    this.logitScale = new Parameter([], filled(config.logit_scale_init_value))
    this.textModel = new ClipTextTower(text_config, wraps.text)
    this.visionModel = new ClipVisionTower(vision_config, wraps.vision)
    this.visualProjection = projection(vision_config.hidden_size)
    this.textProjection = projection(text_config.hidden_size)
  }

  get config(): ClipConfig {
    return this.#config
  }

  encodeImage(pixelValues: Tensor): Tensor {
    return this.visualProjection.forward(this.visionModel.forward(pixelValues)) // [batch, projection]
  }

  encodeText(inputIds: Tensor, attentionMask?: Tensor): Tensor {
    return this.textProjection.forward(this.textModel.forward(inputIds, attentionMask)) // [batch, projection]
  }

  scale(): Tensor {
    return clampedScale(this.logitScale.tensor)
  }

  bias(): undefined {
    return undefined
  }
}
