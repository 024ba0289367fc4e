import { paddingMask, type Tensor } from '../../graph/index.ts'
import {
  type Drop,
  Embedding,
  keepAll,
  LayerNorm,
  Linear,
  Module,
  normalInit,
  Parameter,
  Transformer,
} from '../../nn/index.ts'
import { transformerOptions } from '../towers/config.ts'
import type { MaskedConfig } from './config.ts'
import { TokenHead } from './token-head.ts'

/** Sizes of what a fusion joins. */
export interface FusionSizes {
  readonly imageWidth: number
  readonly textWidth: number
  /** Number of patches of an image. */
  readonly patches: number
  /** Numbers that are predicted for a patch. */
  readonly patchSize: number
  readonly vocabulary: number
}

/** Inputs of a fusion. */
export interface FusionInputs {
  /** Patches by the image tower: all of them, or the visible ones. [batch, seen, imageWidth] */
  readonly image: Tensor
  /** 1 at the place of each visible patch: [batch, visible, patches]. */
  readonly places: Tensor
  /** Words by the text tower: [batch, length, textWidth]. */
  readonly text: Tensor
  /** 1 (or true) at words, 0 at padding: [batch, length]. */
  readonly isWord: Tensor
  /** 1 for a text whose image is seen, 0 for one that is read alone: [batch]. Default: all are seen. */
  readonly imageSeen?: Tensor | undefined
  readonly drop?: Drop | undefined
}

/**
 * A transformer over the patches of an image and the words of its text, and heads that reconstruct both. Every token sees
 * every other one, on both sides; nothing sees padding.
 */
export class MaskedFusion extends Module {
  /** Vector in the place of a masked patch before the image tower; before the fusion where patches are dropped. */
  readonly patchMaskEmbedding: Parameter
  /** Vector in the place of a masked word before the text tower. */
  readonly wordMaskEmbedding: Parameter
  readonly imageProjection: Linear
  readonly textProjection: Linear
  readonly positionEmbedding: Embedding
  readonly encoder: Transformer
  readonly finalLayerNorm: LayerNorm
  readonly patchHead: Linear
  readonly tokenHead: TokenHead
  readonly #config: MaskedConfig

  constructor(config: MaskedConfig, sizes: FusionSizes) {
    super()
    const { imageWidth, textWidth, patches, patchSize, vocabulary } = sizes
    const width = config.hidden_size
    const init = normalInit(0.02)
    this.patchMaskEmbedding = new Parameter([config.patches === 'dropped' ? width : imageWidth], init)
    this.wordMaskEmbedding = new Parameter([textWidth], init)
    this.imageProjection = new Linear(imageWidth, width, { init: normalInit(imageWidth ** -0.5) })
    this.textProjection = new Linear(textWidth, width, { init: normalInit(textWidth ** -0.5) })
    this.positionEmbedding = new Embedding(patches, width, { init })
    this.encoder = new Transformer(transformerOptions(config))
    this.finalLayerNorm = new LayerNorm(width, config.layer_norm_eps)
    this.patchHead = new Linear(width, patchSize, { init: normalInit(width ** -0.5) })
    this.tokenHead = new TokenHead({ width, textWidth, vocabulary })
    this.#config = config
  }

  /** @returns `patches` [batch, patches, width] and `words` [batch, length, width], normalized. */
  forward(inputs: FusionInputs): { readonly patches: Tensor; readonly words: Tensor } {
    const { isWord, drop = keepAll } = inputs
    const image = this.#allPatches(inputs).add(this.positionEmbedding.weight.tensor) // [batch, patches, width]
    const text = this.textProjection.forward(inputs.text) // [batch, length, width]
    const [batch, patches] = image.shape as readonly [number, number, number]
    const seen = inputs.imageSeen ?? isWord.cast('float32').max(1)
    const isSeen = seen
      .reshape([batch, 1])
      .expand([batch, patches])
      .concat([isWord.cast('float32')], 1)
    const states = this.encoder.forward(image.concat([text], 1), {
      mask: paddingMask(isSeen),
      drop: (x) => drop(x, this.#config.dropout),
    })
    const [fusedPatches, words] = this.finalLayerNorm
      .forward(states)
      .split([patches, text.shape[1]!], 1) as unknown as readonly [Tensor, Tensor]
    return { patches: fusedPatches, words }
  }

  /** Patches in the width of the fusion; where only visible ones come, masked ones get the learned vector. */
  #allPatches({ image, places }: FusionInputs): Tensor {
    const projected = this.imageProjection.forward(image) // [batch, seen, width]
    if (this.#config.patches === 'replaced') return projected
    const [batch, , patches] = places.shape as readonly [number, number, number]
    const isMasked = places.sum(1).neg().add(1).reshape([batch, patches, 1])
    const atPlaces = places.matmul(projected, { transposeA: true }) // [batch, patches, width]
    return atPlaces.add(isMasked.mul(this.patchMaskEmbedding.tensor))
  }
}
