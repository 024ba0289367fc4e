import { CheckpointError, int64, nearestName } from '../core/index.ts'
import type { CameraPixels, EncodedImage } from '../data/images/index.ts'
import {
  type HeadConfig,
  type HeadValues,
  headLabels,
  isPolicy,
  type Policy,
  type PolicyRunner,
} from '../models/index.ts'
import type { ModelDescription } from './bundle.ts'
import { imageBatch } from './image-batch.ts'
import type { RuntimeOptions } from './load-graphs.ts'
import { loadPolicy } from './load-policy.ts'
import { readModelDescription } from './read-bundle.ts'

/** An image and a command for it. */
export interface Observation {
  readonly pixels: CameraPixels | EncodedImage
  readonly command: string
}

/**
 * Values by the name of their label: for the usual heads `box` [left, top, right, bottom] as fractions, `category`
 * probabilities, `grasp` [x, y, z, rx, ry, rz] and `navigation` [x, y, z] in metres and radians in the robot's frame,
 * `joints` in radians. Labels without a head of the policy are missing.
 */
export type Prediction = Readonly<Record<string, readonly number[]>>

/** A trained policy for inference: an image and a command in, values to act on out. */
export class PolicyRuntime {
  readonly description: ModelDescription<Policy>
  /** Runner of the model, for prepared batches. */
  readonly runner: PolicyRunner
  readonly #name: string

  /**
   * A runtime of any runner, such as a quantized or a remote model; `load` takes the runner of a folder.
   * @param description Description of a policy; `readModelDescription` reads it.
   * @param name Name of the bundle in messages. Default `the bundle`.
   * @throws CheckpointError `bundle/model-type` for the description of a model that is no policy.
   */
  constructor(description: ModelDescription, runner: PolicyRunner, name = 'the bundle') {
    this.description = requirePolicy(description, name)
    this.runner = runner
    this.#name = name
  }

  /**
   * Load the bundle of a policy, whose ONNX file runs; or a run that trains a policy, which is exported in memory.
   * @throws CheckpointError and ConfigError of `readBundle`; CheckpointError `bundle/onnx` for an ONNX file that
   * does not fit, `bundle/model-type` for a model that is no policy; ConfigError `engine/device`, EngineError
   * `engine/device-fails`.
   */
  static async load(directory: string, options: RuntimeOptions = {}): Promise<PolicyRuntime> {
    const description = requirePolicy(readModelDescription(directory, options), directory)
    return new PolicyRuntime(description, await loadPolicy(directory, description, options), directory)
  }

  /** The labels that {@link predict} returns. */
  get labels(): readonly string[] {
    return this.#heads.flatMap(([, head]) => Object.values(labelsByOutput(head)))
  }

  get #heads(): readonly (readonly [string, HeadConfig])[] {
    return Object.entries(this.description.model.config.heads)
  }

  /**
   * Check that the policy predicts the labels of a task.
   * @throws CheckpointError `bundle/heads` naming the missing labels and the existing ones.
   */
  requireLabels(task: string, labels: readonly string[]): void {
    const missing = labels.filter((label) => !this.labels.includes(label))
    if (missing.length === 0) return
    const nearest = nearestName(missing[0]!, this.labels)
    throw new CheckpointError(
      'bundle/heads',
      `${this.#name}: ${task} needs ${missing.join(' and ')}, but the policy has heads for ${this.labels.join(', ')} only` +
        `${nearest ? ` (did you mean '${nearest}'?)` : ''}. Train a policy with that head, or take another task`,
      { bundle: this.#name, task, missing, labels: this.labels },
    )
  }

  /**
   * @throws DataError `data/unreadable-image` for an image that cannot be decoded; `data/camera-pixels` for pixels that
   * are neither an image's bytes nor as many as width and height say.
   */
  async predict(observation: Observation): Promise<Prediction> {
    const [prediction] = await this.predictAll([observation])
    return prediction!
  }

  /** Predictions for several observations at once, in their order. */
  async predictAll(observations: readonly Observation[]): Promise<Prediction[]> {
    const { model, tokenizer, image } = this.description
    const { length } = model.inputs.text
    const count = observations.length
    const images = observations.map(({ pixels }) => pixels)
    const ids = observations.flatMap(({ command }) => tokenizer.encode(command, length).inputIds)
    const pixelValues = await imageBatch(images, image, (i) => `observation ${i}`)
    const { heads } = await this.runner.run(pixelValues, int64([count, length], ids))
    return observations.map((_, row) => this.#rowOf(heads, row, count))
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

function requirePolicy(description: ModelDescription, directory: string): ModelDescription<Policy> {
  const { model } = description
  if (isPolicy(model)) return { ...description, model }
  const { model_type } = model.config
  throw new CheckpointError(
    'bundle/model-type',
    `${directory} holds a ${model_type} model, which has no heads to act with. ` +
      'Train a policy on it (recipe key base), or take the run or bundle of one',
    { directory, modelType: model_type },
  )
}

/** Label of each output of a head. */
const labelsByOutput = (head: HeadConfig): Readonly<Record<string, string>> =>
  Object.fromEntries(headLabels(head).map(({ output, label }) => [output, label]))

function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits)
  const powers = logits.map((logit) => Math.exp(logit - largest))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}
