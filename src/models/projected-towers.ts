import type { Tensor } from '../graph/index.ts'
import { type Linear, Module, type Parameter } from '../nn/index.ts'
import { clampedScale, type ProjectsTexts } from './dual-encoder.ts'
import type { ModelConfig, ModelInputs } from './family.ts'

/** A dual encoder of two towers with a linear projection behind each, compared by a scale without a bias. */
export abstract class ProjectedTowers extends Module implements ProjectsTexts {
  abstract readonly logitScale: Parameter
  abstract readonly visionModel: { forward(pixelValues: Tensor): Tensor }
  abstract readonly visualProjection: Linear
  abstract readonly textProjection: Linear

  abstract get config(): ModelConfig
  abstract get inputs(): ModelInputs
  abstract poolText(inputIds: Tensor, attentionMask?: Tensor): Tensor

  encodeImage(pixelValues: Tensor): Tensor {
    return this.visualProjection.forward(this.visionModel.forward(pixelValues)) // [batch, projection]
  }

  encodeText(inputIds: Tensor, attentionMask?: Tensor): Tensor {
    return this.projectText(this.poolText(inputIds, attentionMask)) // [batch, projection]
  }

  projectText(pooled: Tensor): Tensor {
    return this.textProjection.forward(pooled) // [batch, projection]
  }

  scale(): Tensor {
    return clampedScale(this.logitScale.tensor)
  }

  bias(): undefined {
    return undefined
  }
}
