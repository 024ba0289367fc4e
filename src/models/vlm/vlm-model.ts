import { positions, type Tensor } from '../../graph/index.ts'
import type { Drop } from '../../nn/index.ts'
import { ClipModel } from '../clip/clip-model.ts'
import type { Model } from '../family.ts'
import { CaptionDecoder } from './caption-decoder.ts'
import { hasDecoder, hasMasks, patchCounts, type VlmConfig } from './config.ts'
import { MaskedFusion } from './masked-fusion.ts'
import { oneHot } from './one-hot.ts'

/** An image and its text with masks. */
export interface MaskedInputs {
  /** [batch, channels, height, width] */
  readonly pixelValues: Tensor
  /** [batch, length] int64; what stands at masked words is not read. */
  readonly inputIds: Tensor
  /** Places of the patches that are not masked: [batch, visible] int64. */
  readonly visiblePatches: Tensor
  /** Places of the masked words, [batch, masked] int64; −1 for none. */
  readonly maskedTokens: Tensor
  /** 1 for a text whose image is seen, 0 for one that is read alone: [batch] float32. Default: all are seen. */
  readonly imageSeen?: Tensor | undefined
  /** Dropout in training. Default: none. */
  readonly drop?: Drop | undefined
}

/** Reconstruction of an image and its text. */
export interface Reconstruction {
  /** Numbers of each patch, masked or not, in the form of the target: [batch, patches, patchSize]. */
  readonly patches: Tensor
  /** 1 at masked patches: [batch, patches]. */
  readonly isMasked: Tensor
  /** Logits of the words at the masked places: [batch, masked, vocabulary]. */
  readonly words: Tensor
}

/**
 * A vision-language model with the towers, projections and scale of `CLIPModel`, under its names, and by config further
 * parts that learn with them: a fusion that reconstructs masked patches and words, and a decoder of captions.
 *
 * The text tower is causal for every objective, so that its weights mean one thing; what a masked word cannot see in it,
 * the words after it, it sees in the fusion.
 */
export class VlmModel extends ClipModel<VlmConfig> {
  readonly maskedModel?: MaskedFusion
  readonly captionModel?: CaptionDecoder

  constructor(config: VlmConfig) {
    super(config)
    const { vision_config, text_config, masked_config, decoder_config } = config
    const imageWidth = vision_config.hidden_size
    if (masked_config) {
      const pixels = vision_config.num_channels * vision_config.patch_size ** 2
      this.maskedModel = new MaskedFusion(masked_config, {
        imageWidth,
        textWidth: text_config.hidden_size,
        patches: patchCounts({ vision_config, masked_config }).patches,
        patchSize: masked_config.target === 'pixels' ? pixels : imageWidth,
        vocabulary: text_config.vocab_size,
      })
    }
    if (decoder_config) this.captionModel = new CaptionDecoder(decoder_config, text_config, imageWidth)
  }

  /** Reconstruct what is masked. A model without masked modelling is refused by its objective. */
  reconstruct({
    pixelValues,
    inputIds,
    visiblePatches,
    maskedTokens,
    imageSeen,
    drop,
  }: MaskedInputs): Reconstruction {
    const fusion = this.maskedModel!
    const { patches } = this.#maskedPatches
    const length = inputIds.shape[1]!
    const places = oneHot(visiblePatches, patches) // [batch, visible, patches]
    const isMasked = places.sum(1).neg().add(1) // [batch, patches]
    const chosen = oneHot(maskedTokens, length) // [batch, masked, length]
    const image = this.visionModel.patches(pixelValues, this.#hidden(visiblePatches, isMasked))
    const masked = { mask: chosen.sum(1).greater(0.5), embedding: fusion.wordMaskEmbedding.tensor }
    const text = this.textModel.tokens(inputIds, { masked }) // [batch, length, textWidth]
    const isWord = this.isWord(inputIds)
    const fused = fusion.forward({ image, places, text, isWord, imageSeen, drop })
    return {
      patches: fusion.patchHead.forward(fused.patches),
      isMasked,
      words: fusion.tokenHead.forward(chosen.matmul(fused.words), this.#wordVectors),
    }
  }

  /**
   * States of the image and text for contrast and captions alike, by one pass through each tower: `image`, `text`
   * [batch, projection], not normalized, `patches` [batch, patches, width] and `words` [batch, length, width].
   */
  encodeBoth(pixelValues: Tensor, inputIds: Tensor) {
    const { feature, patches } = this.visionModel.featureAndPatches(pixelValues)
    const words = this.textModel.tokens(inputIds)
    const [batch, length, width] = words.shape as readonly [number, number, number]
    const end = this.isAt(this.textModel.endPosition(inputIds), length).matmul(words).reshape([batch, width])
    return {
      image: this.visualProjection.forward(feature),
      text: this.textProjection.forward(end),
      patches,
      words,
    }
  }

  /**
   * Logits of the word behind each word: [batch, chosen, vocabulary].
   * @param patches States of the picture by `encodeBoth`.
   * @param words States of the words by `encodeBoth`, of as many as are read.
   * @param choose Choice of the words whose successors are wanted. Default: all.
   */
  nextWords(patches: Tensor, words: Tensor, choose = (states: Tensor) => states): Tensor {
    const decoder = this.captionModel!
    return decoder.tokenHead.forward(choose(decoder.forward(patches, words)), this.#wordVectors)
  }

  /** True up to the first end token: bool [batch, length]. */
  isWord(inputIds: Tensor): Tensor {
    return this.#positions(inputIds.shape[1]!).lessOrEqual(this.textModel.endPosition(inputIds))
  }

  /** 1 at a position of each text, [batch, 1] → [batch, 1, length]. */
  isAt(position: Tensor, length: number): Tensor {
    const isAt = this.#positions(length).equal(position.cast('float32')).cast('float32') // [batch, length]
    return isAt.reshape([position.shape[0]!, 1, length])
  }

  get #wordVectors(): Tensor {
    return this.textModel.embeddings.tokenEmbedding.weight.tensor
  }

  get #maskedPatches() {
    const { vision_config, masked_config } = this.config
    return patchCounts({ vision_config, masked_config: masked_config! })
  }

  #hidden(visible: Tensor, isMasked: Tensor) {
    if (this.config.masked_config!.patches === 'dropped') return { visible }
    return { mask: isMasked.greater(0.5), embedding: this.maskedModel!.patchMaskEmbedding.tensor }
  }

  #positions(length: number): Tensor {
    return positions(length, this.config.text_config.max_position_embeddings).reshape([1, length])
  }
}

/** Tell a model that reconstructs what is masked, of any family. */
export const isMaskedModel = (model: Model): model is VlmModel =>
  hasMasks(model.config) && 'reconstruct' in model

/** Tell a model that writes captions, of any family. */
export const isCaptioner = (model: Model): model is VlmModel =>
  hasDecoder(model.config) && 'nextWords' in model
