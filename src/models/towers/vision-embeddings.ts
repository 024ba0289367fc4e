import type { Tensor } from '../../graph/index.ts'
import { Embedding, Module, normalInit, Parameter, PatchEmbedding } from '../../nn/index.ts'
import { type MaskedTokens, replaceMasked, type VisiblePatches } from './masked-tokens.ts'

/** Differences between the vision towers of families. */
export interface VisionEmbeddingOptions {
  /** True where a learned token stands before the patches. */
  readonly classToken: boolean
  /** True where the projection of the patches has a bias. */
  readonly bias: boolean
  /** Standard deviations of the initial weights. */
  readonly initial: { readonly patches: number; readonly positions: number }
}

/** The image's patches with learned positions; a class token, where there is one, stands first. */
export class VisionEmbeddings extends Module {
  readonly classEmbedding?: Parameter
  readonly patchEmbedding: PatchEmbedding
  readonly positionEmbedding: Embedding

  constructor(
    config: { num_channels: number; hidden_size: number; patch_size: number; image_size: number },
    { classToken, bias, initial }: VisionEmbeddingOptions,
  ) {
    super()
    const { num_channels, hidden_size: width, patch_size, image_size } = config
    const tokens = Math.floor(image_size / patch_size) ** 2 + (classToken ? 1 : 0)
    if (classToken) this.classEmbedding = new Parameter([width], normalInit(width ** -0.5))
    this.patchEmbedding = new PatchEmbedding(num_channels, width, patch_size, {
      init: normalInit(initial.patches),
      bias,
    })
    this.positionEmbedding = new Embedding(tokens, width, { init: normalInit(initial.positions) })
  }

  /**
   * @param hidden Patches whose vectors are replaced, which keep their positions; or those that are visible, of which
   * tokens are made. Default: all are seen.
   * @returns [batch, tokens, width]
   */
  forward(pixelValues: Tensor, hidden?: MaskedTokens | VisiblePatches): Tensor {
    if (hidden && 'visible' in hidden) return this.#visible(pixelValues, hidden.visible)
    const patches = replaceMasked(this.patchEmbedding.forward(pixelValues), hidden) // [batch, patches, width]
    return this.#withClassToken(patches).add(this.positionEmbedding.weight.tensor)
  }

  #visible(pixelValues: Tensor, visible: Tensor): Tensor {
    const first = this.classEmbedding ? 1 : 0
    const patches = this.patchEmbedding.forward(pixelValues, visible) // [batch, visible, width]
    const placed = patches.add(this.positionEmbedding.forward(visible.add(first)))
    if (!this.classEmbedding) return placed
    const [batch, , width] = placed.shape as readonly [number, number, number]
    const position = this.positionEmbedding.weight.tensor.slice(0, 0, 1) // [1, width]
    const classToken = this.classEmbedding.tensor.reshape([1, width]).add(position)
    return classToken.reshape([1, 1, width]).expand([batch, 1, width]).concat([placed], 1)
  }

  #withClassToken(patches: Tensor): Tensor {
    if (!this.classEmbedding) return patches
    const [batch, , width] = patches.shape as readonly [number, number, number]
    const classToken = this.classEmbedding.tensor.reshape([1, 1, width]).expand([batch, 1, width])
    return classToken.concat([patches], 1) // [batch, 1 + patches, width]
  }
}
