import type { Tensor } from 'visuomotor/graph'
import {
  ClassTokenTower,
  clampedScale,
  clipVisionConfig,
  type DualEncoder,
  dualEncoderGraphs,
  type Family,
  imageSizeMisfit,
  pairedInputs,
  vocabularyMisfit,
} from 'visuomotor/models'
import { Embedding, filled, Linear, Module, normalInit, Parameter } from 'visuomotor/nn'
import { z } from 'zod'

const count = z.int().positive()

/** Keys of its `config.json`. */
const bagOfWordsConfig = z.object({
  model_type: z.literal('bag_of_words'),
  vision_config: clipVisionConfig,
  text_config: z.object({
    vocab_size: count.default(512),
    max_position_embeddings: count,
    pad_token_id: z.int().default(0),
  }),
  projection_dim: count.default(64),
})
type Config = z.output<typeof bagOfWordsConfig>

/** A dual encoder whose texts are bags of words: the feature of a text is the mean of its tokens' vectors. */
class BagOfWordsModel extends Module implements DualEncoder {
  readonly logitScale = new Parameter([], filled(Math.log(14)))
  readonly visionModel: ClassTokenTower
  readonly visualProjection: Linear
  readonly wordEmbedding: Embedding
  readonly #config: Config

  constructor(config: Config) {
    super()
    const { vision_config, text_config, projection_dim } = config
    const width = vision_config.hidden_size
    this.#config = config
    this.visionModel = new ClassTokenTower(vision_config)
    this.visualProjection = new Linear(width, projection_dim, {
      init: normalInit(width ** -0.5),
      bias: false,
    })
    this.wordEmbedding = new Embedding(text_config.vocab_size, projection_dim, { init: normalInit(0.1) })
  }

  get config() {
    return this.#config
  }

  get inputs() {
    return pairedInputs(this.#config)
  }

  encodeImage(pixelValues: Tensor): Tensor {
    return this.visualProjection.forward(this.visionModel.forward(pixelValues)) // [batch, projection]
  }

  encodeText(inputIds: Tensor): Tensor {
    const [batch, length] = inputIds.shape as readonly [number, number]
    const isWord = inputIds.equal(this.#config.text_config.pad_token_id).not().cast('float32') // [batch, length]
    const sums = isWord.reshape([batch, 1, length]).matmul(this.wordEmbedding.forward(inputIds)) // [batch, 1, projection]
    return sums.reshape([batch, this.#config.projection_dim]).div(isWord.sum(1, { keep: true })) // [batch, projection]
  }

  scale(): Tensor {
    return clampedScale(this.logitScale.tensor)
  }

  bias(): undefined {
    return undefined
  }
}

/** The family: a row of the table. */
export const bagOfWords: Family<Config, BagOfWordsModel> = {
  schema: bagOfWordsConfig,
  architecture: 'BagOfWordsModel',
  towers: {
    name: 'bag_of_words',
    refusal: 'a bag of words has no text tower to begin with',
    take: (config, base) => ({ ...config, vision_config: (base as Config).vision_config }),
  },
  objective: 'contrastive',
  build: (config) => new BagOfWordsModel(config),
  inputs: pairedInputs,
  withVocabulary: (config, { vocabularySize, padId }) => ({
    ...config,
    text_config: { ...config.text_config, vocab_size: vocabularySize, pad_token_id: padId },
  }),
  misfit: (parts) => vocabularyMisfit(parts) ?? imageSizeMisfit(parts),
  configFile: (config) => config,
  graphs: (model, tokens) =>
    dualEncoderGraphs(model, tokens, {
      freeLength: true,
      textOutput: 'text_embeds',
      imageOutput: 'image_embeds',
    }),
}
