import { checkpoint, type Tensor } from '../../graph/index.ts'
import { filled, Linear, Module, normalInit, Parameter } from '../../nn/index.ts'
import { clampedScale, type DualEncoder } from '../dual-encoder.ts'
import type { ClipConfig } from './config.ts'
import { ClipTextTower } from './text-tower.ts'
import { ClipVisionTower } from './vision-tower.ts'

/**
 * Hugging Face's `CLIPModel` (Radford et al. 2021): same parameter names, layouts, config and results.
 *
 * @param recompute Recompute every layer in the backward pass (gradient checkpointing): less memory, more time.
 */
export class ClipModel extends Module implements DualEncoder {
  readonly logitScale: Parameter
  readonly textModel: ClipTextTower
  readonly visionModel: ClipVisionTower
  readonly visualProjection: Linear
  readonly textProjection: Linear
  readonly #config: ClipConfig

  constructor(config: ClipConfig, { recompute = false }: { recompute?: boolean } = {}) {
    super()
    this.#config = config
    const { vision_config, text_config, projection_dim } = config
    const projection = (width: number) =>
      new Linear(width, projection_dim, { init: normalInit(width ** -0.5), bias: false })
    const wrap = recompute ? checkpoint : undefined
    this.logitScale = new Parameter([], filled(config.logit_scale_init_value))
    this.textModel = new ClipTextTower(text_config, wrap)
    this.visionModel = new ClipVisionTower(vision_config, wrap)
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
