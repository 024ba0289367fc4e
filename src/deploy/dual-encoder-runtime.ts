import { CheckpointError, int64, joinRows } from '../core/index.ts'
import type { CameraPixels, EncodedImage } from '../data/images/index.ts'
import { type DualEncoder, type DualEncoderRunner, isDualEncoder } from '../models/index.ts'
import type { ModelDescription } from './bundle.ts'
import { imageBatch } from './image-batch.ts'
import { loadDualEncoder } from './load-dual-encoder.ts'
import type { RuntimeOptions } from './load-graphs.ts'
import { readModelDescription } from './read-bundle.ts'

/** Number of images or texts in one pass through the model. */
const batchSize = 32

/**
 * A trained dual encoder for inference: images and texts in, unit vectors of one space out. Images are prepared by the
 * same code as for evaluation in training.
 */
export class DualEncoderRuntime {
  readonly description: ModelDescription<DualEncoder>
  /** Runner of the model, for prepared batches. */
  readonly runner: DualEncoderRunner

  /**
   * A runtime of any runner, such as a quantized or a remote model; `load` takes the runner of a folder.
   * @param description Description of a dual encoder; `readModelDescription` reads it.
   * @throws CheckpointError `bundle/model-type` for the description of a policy.
   */
  constructor(description: ModelDescription, runner: DualEncoderRunner) {
    this.description = requireDualEncoder(description, 'the bundle')
    this.runner = runner
  }

  /**
   * Load a bundle, whose ONNX files run; or a dual encoder's folder of Hugging Face's or a run, which is exported in
   * memory if it has no ONNX files.
   * @throws CheckpointError and ConfigError of `readBundle`; CheckpointError `bundle/onnx` for ONNX files that do
   * not fit, `bundle/model-type` for a policy; ConfigError `engine/device`, EngineError `engine/device-fails`.
   */
  static async load(directory: string, options: RuntimeOptions = {}): Promise<DualEncoderRuntime> {
    const description = requireDualEncoder(readModelDescription(directory, options), directory)
    return new DualEncoderRuntime(description, await loadDualEncoder(directory, description, options))
  }

  /**
   * Unit vectors [images, projection], row after row.
   * @throws DataError `data/unreadable-image` naming the file, or the number of the image; `data/camera-pixels`.
   */
  async embedImages(images: readonly (EncodedImage | CameraPixels)[]): Promise<Float32Array> {
    return inBatches(images, async (batch, first) => {
      const pixels = await imageBatch(batch, this.description.image, (i) => `image ${first + i}`)
      return this.runner.encodeImages(pixels)
    })
  }

  /** Unit vectors [texts, projection], row after row. Texts longer than the model's length are cut. */
  async embedTexts(texts: readonly string[]): Promise<Float32Array> {
    const { model, tokenizer } = this.description
    const { length } = model.inputs.text
    return inBatches(texts, (batch) => {
      const ids = batch.flatMap((text) => tokenizer.encode(text, length).inputIds)
      return this.runner.encodeTexts(int64([batch.length, length], ids))
    })
  }
}

function requireDualEncoder(description: ModelDescription, directory: string): ModelDescription<DualEncoder> {
  const { model } = description
  if (isDualEncoder(model)) return { ...description, model }
  throw new CheckpointError(
    'bundle/model-type',
    `${directory} holds a policy, which acts on commands and has no space that images and texts share. ` +
      'Take a dual encoder, such as a CLIP or SigLIP model, or use the policy with PolicyRuntime',
    { directory, modelType: model.config.model_type },
  )
}

/** Encode batch after batch, and join the rows. */
async function inBatches<T>(
  items: readonly T[],
  encode: (batch: readonly T[], first: number) => Promise<Float32Array>,
): Promise<Float32Array> {
  const parts: Float32Array[] = []
  for (let first = 0; first < items.length; first += batchSize) {
    parts.push(await encode(items.slice(first, first + batchSize), first))
  }
  return joinRows(parts)
}
