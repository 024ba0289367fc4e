import { CheckpointError, hostArray, int64 } from '../core/index.ts'
import type { EncodedImage } from '../data/index.ts'
import { type DeviceName, Engine, requireWorkingDevice } from '../engine/index.ts'
import { type DualEncoder, DualEncoderPrograms, isDualEncoder } from '../models/index.ts'
import type { Bundle } from './bundle.ts'
import type { CheckpointChoice } from './checkpoint-choice.ts'
import { imagePlanes } from './image-planes.ts'
import { valuesOf } from './load-values.ts'
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
  readonly bundle: Bundle<DualEncoder>
  /** Both towers, for prepared batches. */
  readonly encoders: DualEncoderPrograms

  private constructor(bundle: Bundle<DualEncoder>, encoders: DualEncoderPrograms) {
    this.bundle = bundle
    this.encoders = encoders
  }

  /**
   * Load a bundle, a CLIP or SigLIP folder of Hugging Face's, or a run.
   * @throws CheckpointError and ConfigError as `readBundle` does; CheckpointError `bundle/model-type` for a policy;
   * ConfigError `engine/device`, EngineError `engine/device-fails`.
   */
  static async load(
    directory: string,
    { device = 'cpu', checkpoint }: RuntimeOptions = {},
  ): Promise<DualEncoderRuntime> {
    const bundle = requireDualEncoder(readBundle(directory, { checkpoint }), directory)
    const engine = new Engine({ device: await requireWorkingDevice(device) })
    const values = await valuesOf(bundle, engine)
    return new DualEncoderRuntime(bundle, await DualEncoderPrograms.create(engine, bundle.model, values))
  }

  /**
   * Unit vectors [images, projection], row after row.
   * @throws DataError `data/unreadable-image` naming the file, or the number of the image.
   */
  async embedImages(images: readonly EncodedImage[]): Promise<Float32Array> {
    const { size } = this.bundle.image
    return inBatches(images, async (batch, first) => {
      const planes = await Promise.all(
        batch.map((image, i) => imagePlanes(image, this.bundle.image, first + i)),
      )
      return this.encoders.encodeImages(hostArray('float32', [batch.length, 3, size, size], joined(planes)))
    })
  }

  /** Unit vectors [texts, projection], row after row. Texts longer than the model reads are cut. */
  async embedTexts(texts: readonly string[]): Promise<Float32Array> {
    const { model, tokenizer } = this.bundle
    const { length } = model.inputs.text
    return inBatches(texts, (batch) => {
      const ids = batch.flatMap((text) => tokenizer.encode(text, length).inputIds)
      return this.encoders.encodeTexts(int64([batch.length, length], ids))
    })
  }
}

function requireDualEncoder(bundle: Bundle, directory: string): Bundle<DualEncoder> {
  const { model } = bundle
  if (isDualEncoder(model)) return { ...bundle, model }
  throw new CheckpointError(
    'bundle/model-type',
    `${directory} holds a policy, which acts on commands and has no space that images and texts share. ` +
      'Take a CLIP or SigLIP model, or use the policy with PolicyRuntime',
    { directory, modelType: model.config.model_type },
  )
}

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
