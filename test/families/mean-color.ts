import { z } from 'zod'
import type { Tensor } from '../../src/graph/index.ts'
import { type DualEncoder, dualEncoderGraphs, type Family } from '../../src/models/index.ts'
import { Embedding, filled, Linear, Module, normalInit, Parameter, Transformer } from '../../src/nn/index.ts'

const size = z.int().positive()

// Not strict: config.json says more than what the model is made of.
const schema = z.object({
  model_type: z.literal('mean_color'),
  side: size,
  words: size,
  longest: size,
  width: size.default(8),
})

type Config = z.output<typeof schema>

const inputsOf = ({ side, longest }: Config) => ({
  image: { size: side, channels: 3 },
  text: { length: longest },
})

/** Knows an image by its mean colour and a text by the mean of its words: a model that no table has. */
class MeanColor extends Module implements DualEncoder {
  readonly color: Linear
  readonly words: Embedding
  readonly mixer: Transformer
  readonly logScale: Parameter
  readonly #config: Config

  constructor(config: Config) {
    super()
    const { width, words } = config
    this.color = new Linear(3, width, { init: normalInit(1) })
    this.words = new Embedding(words, width, { init: normalInit(1) })
    this.mixer = new Transformer({ width, hidden: 8, heads: 2, depth: 2, activation: 'gelu', epsilon: 1e-5 })
    this.logScale = new Parameter([], filled(1))
    this.#config = config
  }

  get config(): Config {
    return this.#config
  }

  get inputs() {
    return inputsOf(this.#config)
  }

  encodeImage(pixelValues: Tensor): Tensor {
    return this.color.forward(pixelValues.mean([2, 3])) // [batch, width]
  }

  encodeText(inputIds: Tensor): Tensor {
    return this.mixer.forward(this.words.forward(inputIds)).mean(1) // [batch, width]
  }

  scale(): Tensor {
    return this.logScale.tensor.exp()
  }

  bias(): undefined {
    return undefined
  }
}

/** Its row. */
export const meanColor: Family<Config, MeanColor> = {
  schema,
  architecture: 'MeanColor',
  towers: { name: 'mean_color', refusal: 'a mean colour has no towers', take: (config) => config },
  objective: 'contrastive',
  build: (config) => new MeanColor(config),
  inputs: inputsOf,
  withVocabulary: (config, { vocabularySize }) => ({ ...config, words: vocabularySize }),
  misfit: ({ config, image }) =>
    image.size === config.side
      ? undefined
      : { code: 'bundle/image-size', message: `side is ${config.side}`, facts: { size: image.size } },
  configFile: (config) => config,
  graphs: (model, tokens) =>
    dualEncoderGraphs(model, tokens, {
      freeLength: false,
      textOutput: 'text_embeds',
      imageOutput: 'image_embeds',
    }),
}
