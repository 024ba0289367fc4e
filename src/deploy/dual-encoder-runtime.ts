import { CheckpointError, int64, joinRows } from '../core/index.ts'
import type { CameraPixels, EncodedImage } from '../data/images/index.ts'
import { type DualEncoder, type DualEncoderRunner, isDualEncoder } from '../models/index.ts'
import { readAdapter } from './adapter-files.ts'
import { AdapterSlots } from './adapter-slots.ts'
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
  readonly #adapters: AdapterSlots | undefined

  /**
   * A runtime of any runner, such as a quantized or a remote model; `load` takes the runner of a folder.
   * @param description Description of a dual encoder; `readModelDescription` reads it.
   * @param adapters Room for adapters of the runner. Default: none.
   * @throws CheckpointError `bundle/model-type` for the description of a policy.
   */
  constructor(description: ModelDescription, runner: DualEncoderRunner, adapters?: AdapterSlots) {
    this.description = requireDualEncoder(description, 'the bundle')
    this.runner = runner
    this.#adapters = adapters
  }

  /**
   * Load a bundle, whose ONNX files run; or a dual encoder's folder of Hugging Face's or a run, which is exported in
   * memory if it has no ONNX files.
   * @throws CheckpointError and ConfigError of `readBundle`; CheckpointError `bundle/onnx` for ONNX files that do
   * not fit, `bundle/model-type` for a policy; ConfigError `engine/device`, EngineError `engine/device-fails`.
   */
  static async load(directory: string, options: RuntimeOptions = {}): Promise<DualEncoderRuntime> {
    const description = requireDualEncoder(readModelDescription(directory, options), directory)
    const adapters = options.checkpoint === undefined ? AdapterSlots.read(directory) : undefined
    const runner = await loadDualEncoder(directory, description, options, adapters)
    return new DualEncoderRuntime(description, runner, adapters)
  }

  /**
   * Use an adapter from the next call on, without loading the model anew.
   * @param directory Folder of Python's `peft`, or of `export --adapter`; undefined: the bundle's own weights.
   * @throws CheckpointError `bundle/adapter` for a bundle without room for adapters (`export --adapter-slots`), an adapter
   * that does not fit, or one of another base.
   */
  useAdapter(directory: string | undefined): void {
    if (!this.#adapters)
      throw new CheckpointError(
        'bundle/adapter',
        'this model has no room for adapters: export it with --adapter-slots RANK',
      )
    this.#adapters.use(directory === undefined ? undefined : readAdapter(directory), directory ?? '')
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
