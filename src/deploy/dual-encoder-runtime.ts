import { hostArray, int64, random } from '../core/index.ts'
import { applyTransforms, decodeImage, type EncodedImage } from '../data/index.ts'
import { Arena, arenaLayout, type DeviceName, Engine } from '../engine/index.ts'
import { DualEncoderPrograms } from '../models/index.ts'
import type { Bundle } from './bundle.ts'
import type { CheckpointChoice } from './checkpoint-choice.ts'
import { imageOptionsOf } from './image-processing.ts'
import { readBundle } from './read-bundle.ts'

/** Images or texts that go through the model at once. */
const batchSize = 32

export interface RuntimeOptions {
  /** Default `cpu`. */
  readonly device?: DeviceName | undefined
  /** Which weights of a run; see `readBundle`. */
  readonly checkpoint?: CheckpointChoice | undefined
}

/**
 * A trained dual encoder at work: pictures and words in, unit vectors of one space out. Pictures are prepared by
 * the code that prepared them for training's evaluation.
 */
export class DualEncoderRuntime {
  readonly bundle: Bundle
  /** Both towers, for prepared batches. */
  readonly encoders: DualEncoderPrograms

  private constructor(bundle: Bundle, encoders: DualEncoderPrograms) {
    this.bundle = bundle
    this.encoders = encoders
  }

  /**
   * Load a bundle, a CLIP or SigLIP folder of Hugging Face's, or a run.
   * @throws CheckpointError and ConfigError as `readBundle` does; ConfigError `engine/device`.
   */
  static async load(
    directory: string,
    { device = 'cpu', checkpoint }: RuntimeOptions = {},
  ): Promise<DualEncoderRuntime> {
    const bundle = readBundle(directory, { checkpoint })
    const engine = new Engine({ device })
    const layout = arenaLayout([Array.from(bundle.weights, ([name, { shape }]) => ({ name, shape }))])
    const values = await Arena.create(engine, layout)
    await values.write(bundle.weights)
    return new DualEncoderRuntime(bundle, await DualEncoderPrograms.create(engine, bundle.model, values))
  }

  /**
   * Unit vectors [images, projection], row after row.
   * @throws DataError `data/unreadable-image` naming the file, or the number of the image.
   */
  async embedImages(images: readonly EncodedImage[]): Promise<Float32Array> {
    const { size } = this.bundle.image
    return inBatches(images, async (batch, first) => {
      const planes = await Promise.all(batch.map((image, i) => this.#planes(image, first + i)))
      return this.encoders.encodeImages(hostArray('float32', [batch.length, 3, size, size], joined(planes)))
    })
  }

  /** Unit vectors [texts, projection], row after row. Texts longer than the model reads are cut. */
  async embedTexts(texts: readonly string[]): Promise<Float32Array> {
    const { model, tokenizer } = this.bundle
    const { max_position_embeddings: length } = model.config.text_config
    return inBatches(texts, (batch) => {
      const ids = batch.flatMap((text) => tokenizer.encode(text, length).inputIds)
      return this.encoders.encodeTexts(int64([batch.length, length], ids))
    })
  }

  /** An image as the model sees it, [3, size, size]. */
  async #planes(image: EncodedImage, index: number): Promise<Float32Array> {
    const { augment: transforms, background, ...decoding } = imageOptionsOf(this.bundle.image)
    const id = 'file' in image ? image.file : `image ${index}`
    const pixels = await decodeImage({ id, image, origin: { file: id } }, decoding)
    return applyTransforms(pixels, { transforms, background, caption: '', random: nothingRandom }).colors
  }
}

const nothingRandom = random(0)

/** Encode batch after batch; the rows of all of them. */
async function inBatches<T>(
  items: readonly T[],
  encode: (batch: readonly T[], first: number) => Promise<Float32Array>,
): Promise<Float32Array> {
  const parts: Float32Array[] = []
  for (let first = 0; first < items.length; first += batchSize) {
    parts.push(await encode(items.slice(first, first + batchSize), first))
  }
  return joined(parts)
}

function joined(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const result = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const part of parts) {
    result.set(part, offset)
    offset += part.length
  }
  return result
}
