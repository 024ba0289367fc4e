import { CheckpointError } from '../core/index.ts'
import type { CameraPixels, EncodedImage } from '../data/images/index.ts'
import { type CaptionRunner, captionRunner, isCaptioner, type VlmModel } from '../models/index.ts'
import type { ModelDescription } from './bundle.ts'
import { imageBatch } from './image-batch.ts'
import { loadGraphs, modelInputs, type RuntimeOptions } from './load-graphs.ts'
import { readModelDescription } from './read-bundle.ts'
import { type CaptionSearch, searchCaption } from './search-caption.ts'

/** A caption that a model wrote. */
export interface WrittenCaption {
  readonly caption: string
  /** Logarithm of its probability: the sum over its words, the end included. */
  readonly logProbability: number
  /** False for a caption that was cut at its largest length. */
  readonly ended: boolean
}

/** A model that writes captions of images, word by word. */
export class CaptionRuntime {
  readonly description: ModelDescription<VlmModel>
  /** Runner of the model, for prepared batches. */
  readonly runner: CaptionRunner

  private constructor(description: ModelDescription<VlmModel>, runner: CaptionRunner) {
    this.description = description
    this.runner = runner
  }

  /**
   * Load a bundle, whose ONNX files `image_tokens`, `next_word` and `captions` run, or a run, which is exported in memory.
   * @throws CheckpointError `bundle/model-type` for a model without a decoder; errors of `readBundle` and of its files as
   * `DualEncoderRuntime.load` has them.
   */
  static async load(directory: string, options: RuntimeOptions = {}): Promise<CaptionRuntime> {
    const read = readModelDescription(directory, options)
    const { model } = read
    if (!isCaptioner(model))
      throw new CheckpointError(
        'bundle/model-type',
        `${directory} holds a ${model.config.model_type} model that writes no captions: its config needs a decoder_config, ` +
          "and it is trained with the objective 'captioning'",
        { directory, modelType: model.config.model_type },
      )
    const description = { ...read, model }
    const { image, text } = modelInputs(model)
    const { vision_config } = model.config
    const patches = Math.floor(vision_config.image_size / vision_config.patch_size) ** 2
    const next = [
      { name: 'patches', dtype: 'float32', shape: [undefined, patches, vision_config.hidden_size] },
      { name: 'input_ids', dtype: 'int64', shape: [undefined, undefined] },
      { name: 'position', dtype: 'int64', shape: [undefined] },
    ] as const
    const inputs = { captions: [image, text], image_tokens: [image], next_word: next }
    const graphs = await loadGraphs(directory, description, inputs, options)
    return new CaptionRuntime(
      description,
      captionRunner({
        captions: (feeds) => graphs.captions.program.run(feeds),
        image_tokens: (feeds) => graphs.image_tokens.program.run(feeds),
        next_word: (feeds) => graphs.next_word.program.run(feeds),
      }),
    )
  }

  /**
   * A caption for each image.
   * @param options `beams`: texts that are followed at once. 1, the default, takes the most probable word each time (greedy);
   * more find a caption that is at least as probable. `length`: largest number of tokens, start and end included; default
   * the model's.
   * @throws ConfigError `deploy/caption-search`; DataError `data/unreadable-image`, `data/camera-pixels`.
   */
  async captions(
    images: readonly (EncodedImage | CameraPixels)[],
    { beams = 1, length = this.description.model.inputs.text.length }: Partial<CaptionSearch> = {},
  ): Promise<WrittenCaption[]> {
    const { tokenizer, image } = this.description
    const written: WrittenCaption[] = []
    for (const [i, picture] of images.entries()) {
      const pixels = await imageBatch([picture], image, () => `image ${i}`)
      const found = await searchCaption(this.runner, pixels, tokenizer, { beams, length })
      const { ids, logProbability, ended } = found
      written.push({ caption: tokenizer.decode(ids.slice(1)), logProbability, ended })
    }
    return written
  }
}
