import type { Tensor } from '../../graph/index.ts'
import type { ClipVisionConfig } from './config.ts'
import type { MaskedTokens, VisiblePatches } from './masked-tokens.ts'
import { VisionTower } from './vision-tower.ts'

/** CLIP's image tower, whose class token is the feature. */
export class ClassTokenTower extends VisionTower {
  constructor(config: ClipVisionConfig) {
    const initial = { patches: 0.02, positions: 0.02 }
    super(config, { classToken: true, bias: false, initial, preNorm: true })
  }

  /** @returns [batch, width] */
  forward(pixelValues: Tensor, hidden?: MaskedTokens | VisiblePatches): Tensor {
    const classToken = this.encode(pixelValues, { choose: (tokens) => tokens.slice(1, 0, 1) }, hidden)
    const [batch, , width] = classToken.shape as readonly [number, number, number]
    return this.postLayernorm.forward(classToken.reshape([batch, width]))
  }
  /** The feature [batch, width] and the patches [batch, patches, width], by one pass. */
  featureAndPatches(pixelValues: Tensor): { readonly feature: Tensor; readonly patches: Tensor } {
    const tokens = this.postLayernorm.forward(this.encode(pixelValues)) // [batch, 1 + patches, width]
    const [batch, count, width] = tokens.shape as readonly [number, number, number]
    return { feature: tokens.slice(1, 0, 1).reshape([batch, width]), patches: tokens.slice(1, 1, count) }
  }
}
