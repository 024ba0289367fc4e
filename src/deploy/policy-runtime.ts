import sharp from 'sharp'
import { CheckpointError, DataError, hostArray, int64, nearestName } from '../core/index.ts'
import type { EncodedImage } from '../data/index.ts'
import { type DeviceName, Engine, requireWorkingDevice } from '../engine/index.ts'
import {
  type HeadConfig,
  type HeadValues,
  headLabels,
  isPolicy,
  type Policy,
  PolicyPrograms,
} from '../models/index.ts'
import type { Bundle } from './bundle.ts'
import type { CheckpointChoice } from './checkpoint-choice.ts'
import { imagePlanes, pixelPlanes } from './image-planes.ts'
import { valuesOf } from './load-values.ts'
import { readBundle } from './read-bundle.ts'

/** What a robot sees: rows of red, green and blue bytes, [height, width, 3]. */
export interface CameraPixels {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** A picture and what is asked for in it. */
export interface Observation {
  readonly pixels: CameraPixels | EncodedImage
  readonly command: string
}

/**
 * Numbers by the name of their label: for the usual heads `box` [left, top, right, bottom] as fractions, `category`
 * probabilities, `grasp` [x, y, z, rx, ry, rz] and `navigation` [x, y, z] in metres and radians in the robot's frame,
 * `joints` in radians. Those that the policy has heads for.
 */
export type Prediction = Readonly<Record<string, readonly number[]>>

/** A trained policy at work: a picture and a command in, numbers to act on out. */
export class PolicyRuntime {
  readonly bundle: Bundle<Policy>
  /** The model for prepared batches. */
  readonly programs: PolicyPrograms
  readonly #directory: string

  private constructor(bundle: Bundle<Policy>, directory: string, programs: PolicyPrograms) {
    this.bundle = bundle
    this.#directory = directory
    this.programs = programs
  }

  /**
   * Load the bundle of a policy, or a run that trains one.
   * @param options `checkpoint`: which weights of a run; see `readBundle`. `device`: default `cpu`.
   * @throws CheckpointError and ConfigError as `readBundle` does; CheckpointError `bundle/model-type` for a model that
   * is no policy; ConfigError `engine/device`, EngineError `engine/device-fails`.
   */
  static async load(
    directory: string,
    {
      device = 'cpu',
      checkpoint,
    }: { readonly device?: DeviceName; readonly checkpoint?: CheckpointChoice | undefined } = {},
  ): Promise<PolicyRuntime> {
    const bundle = requirePolicy(readBundle(directory, { checkpoint }), directory)
    const engine = new Engine({ device: await requireWorkingDevice(device) })
    const programs = await PolicyPrograms.create(engine, bundle.model, await valuesOf(bundle, engine))
    return new PolicyRuntime(bundle, directory, programs)
  }

  /** The labels that {@link predict} gives. */
  get labels(): readonly string[] {
    return this.#heads.flatMap(([, head]) => Object.values(labelsByOutput(head)))
  }

  get #heads(): readonly (readonly [string, HeadConfig])[] {
    return Object.entries(this.bundle.model.config.heads)
  }

  /**
   * That the policy predicts what a task needs.
   * @throws CheckpointError `bundle/heads` naming the labels that it lacks, and those that it has.
   */
  requireLabels(task: string, labels: readonly string[]): void {
    const missing = labels.filter((label) => !this.labels.includes(label))
    if (missing.length === 0) return
    const nearest = nearestName(missing[0]!, this.labels)
    throw new CheckpointError(
      'bundle/heads',
      `${this.#directory}: ${task} needs ${missing.join(' and ')}, but the policy has heads for ${this.labels.join(', ')} only` +
        `${nearest ? ` (did you mean '${nearest}'?)` : ''}. Train a policy with that head, or take another task`,
      { directory: this.#directory, task, missing, labels: this.labels },
    )
  }

  /**
   * @throws DataError `data/unreadable-image` for a picture that cannot be decoded; `data/camera-pixels` for pixels that
   * are neither a picture's bytes nor as many as width and height say.
   */
  async predict(observation: Observation): Promise<Prediction> {
    const [prediction] = await this.predictAll([observation])
    return prediction!
  }

  /** Predictions for several observations at once, in their order. */
  async predictAll(observations: readonly Observation[]): Promise<Prediction[]> {
    const { model, tokenizer, image } = this.bundle
    const { length } = model.inputs.text
    const count = observations.length
    const planes = await Promise.all(observations.map(({ pixels }, i) => this.#planes(pixels, i)))
    const values = new Float32Array(count * 3 * image.size ** 2)
    planes.forEach((plane, i) => {
      values.set(plane, i * plane.length)
    })
    const { heads } = await this.programs.run(
      hostArray('float32', [count, 3, image.size, image.size], values),
      int64(
        [count, length],
        observations.flatMap(({ command }) => tokenizer.encode(command, length).inputIds),
      ),
    )
    return observations.map((_, row) => this.#rowOf(heads, row, count))
  }

  async #planes(pixels: CameraPixels | EncodedImage, index: number): Promise<Float32Array> {
    const { image } = this.bundle
    if ('file' in pixels || 'bytes' in pixels) return imagePlanes(pixels, image, index)
    requireCameraPixels(pixels, index)
    const { width, height, data } = pixels
    if (width === image.size && height === image.size) return pixelPlanes(opaque(pixels), image)
    const png = await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer()
    return imagePlanes({ bytes: png }, image, index)
  }

  #rowOf(heads: Readonly<Record<string, HeadValues>>, row: number, count: number): Prediction {
    const found = this.#heads.flatMap(([name, head]) =>
      Object.entries(labelsByOutput(head)).map(([output, label]) => {
        const all = heads[name]![output]!
        const width = all.length / count
        const numbers = Array.from(all.subarray(row * width, (row + 1) * width))
        return [label, output === 'category' ? softmax(numbers) : numbers] as const
      }),
    )
    return Object.fromEntries(found)
  }
}

function requirePolicy(bundle: Bundle, directory: string): Bundle<Policy> {
  const { model } = bundle
  if (isPolicy(model)) return { ...bundle, model }
  const { model_type } = model.config
  throw new CheckpointError(
    'bundle/model-type',
    `${directory} holds a ${model_type} model, which has no heads to act with. ` +
      'Train a policy on it (recipe key base), or take the run or bundle of one',
    { directory, modelType: model_type },
  )
}

/** Which label each output of a head stands for. */
const labelsByOutput = (head: HeadConfig): Readonly<Record<string, string>> =>
  Object.fromEntries(headLabels(head).map(({ output, label }) => [output, label]))

/** @throws DataError `data/camera-pixels` */
function requireCameraPixels({ width, height, data }: CameraPixels, index: number): void {
  const expected = width * height * 3
  if (data instanceof Uint8Array && expected > 0 && data.length === expected) return
  const found = data instanceof Uint8Array ? `${data.length} bytes` : 'no bytes'
  throw new DataError(
    'data/camera-pixels',
    `observation ${index}: ${found} for a picture of ${width} × ${height} pixels. pixels is { width, height, data } with three bytes ` +
      'a pixel (red, green, blue), or { bytes } of a PNG or JPEG, or { file }',
    { index, width, height },
  )
}

/** RGBA without transparency. */
function opaque({ width, height, data }: CameraPixels) {
  const rgba = new Uint8Array(4 * width * height).fill(255)
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < 3; channel++) rgba[4 * pixel + channel] = data[3 * pixel + channel]!
  }
  return { width, height, data: rgba }
}

function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits)
  const powers = logits.map((logit) => Math.exp(logit - largest))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}
