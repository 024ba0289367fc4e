import { input, symbolicPrimes, type Tensor } from 'visuomotor/graph'
import type { Family, Model } from 'visuomotor/models'
import { Embedding, filled, Linear, Module, normalInit, Parameter } from 'visuomotor/nn'
import { z } from 'zod'

const schema = z.object({
  model_type: z.literal('picture_score'),
  side: z.int(),
  words: z.int(),
  longest: z.int(),
})
type Config = z.output<typeof schema>

const inputsOf = ({ side, longest }: Config) => ({
  image: { size: side, channels: 3 },
  text: { length: longest },
})

/** A model that is neither a dual encoder nor a policy: a number for a picture and a text. */
class PictureScore extends Module implements Model {
  readonly color = new Linear(3, 1, { init: normalInit(1) })
  readonly words: Embedding
  readonly offset = new Parameter([1], filled(0.5))
  readonly config: Config

  constructor(config: Config) {
    super()
    this.words = new Embedding(config.words, 1, { init: normalInit(1) })
    this.config = config
  }

  get inputs() {
    return inputsOf(this.config)
  }

  ofPictures(pixels: Tensor): Tensor {
    return this.color.forward(pixels.mean([2, 3])).add(this.offset.tensor) // [batch, 1]
  }

  ofTexts(ids: Tensor): Tensor {
    return this.words.forward(ids).mean(1) // [batch, 1]
  }
}

const [pictures, texts] = symbolicPrimes

/** Graphs of pairs, `score`, and of every picture with every text, `table`. */
function graphs(model: PictureScore) {
  const { image, text } = model.inputs
  const leaves = (other: number) => ({
    pixels: input('pixel_values', [pictures, image.channels, image.size, image.size]),
    ids: input('input_ids', [other, text.length], 'int64'),
  })
  const [pair, all] = [leaves(pictures), leaves(texts)]
  const size = (prime: number, name: string, of: Tensor) => ({ prime, name, input: of, axis: 0 })
  return {
    score: {
      outputs: { score: model.ofPictures(pair.pixels).add(model.ofTexts(pair.ids)) },
      symbolicSizes: [size(pictures, 'batch', pair.pixels), size(pictures, 'batch', pair.ids)],
    },
    table: {
      outputs: {
        table: model.ofPictures(all.pixels).matmul(model.ofTexts(all.ids), { transposeB: true }),
        longest: all.ids,
      },
      symbolicSizes: [size(pictures, 'pictures', all.pixels), size(texts, 'texts', all.ids)],
    },
  }
}

const pictureScore: Family<Config, PictureScore> = {
  schema,
  architecture: 'PictureScore',
  towers: { name: 'picture_score', refusal: 'a score has no towers', take: (config) => config },
  objective: 'contrastive',
  build: (config) => new PictureScore(config),
  inputs: inputsOf,
  withVocabulary: (config, { vocabularySize }) => ({ ...config, words: vocabularySize }),
  misfit: () => undefined,
  configFile: (config) => config,
  graphs,
}

export const families = { picture_score: pictureScore }
