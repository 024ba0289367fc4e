import type { Tensor } from '../../graph/index.ts'
import type { ClipVisionConfig } from './config.ts'
import type { MaskedTokens } from './masked-tokens.ts'
import { VisionTower } from './vision-tower.ts'

/** CLIP's image tower, whose class token is the feature. */
export class ClassTokenTower extends VisionTower {
  constructor(config: ClipVisionConfig) {
    const initial = { patches: 0.02, positions: 0.02 }
    super(config, { classToken: true, bias: false, initial, preNorm: true })
  }

  /** @returns [batch, width] */
  forward(pixelValues: Tensor, masked?: MaskedTokens): Tensor {
    const classToken = this.encode(pixelValues, { choose: (tokens) => tokens.slice(1, 0, 1) }, masked)
    const [batch, , width] = classToken.shape as readonly [number, number, number]
    return this.postLayernorm.forward(classToken.reshape([batch, width]))
  }
}
