import { CheckpointError, int64, nearestName } from '../core/index.ts'
import type { CameraPixels, EncodedImage } from '../data/images/index.ts'
import {
  classLabelOf,
  classNamesOf,
  type HeadConfig,
  isPolicy,
  type Policy,
  type PolicyRunner,
  type PolicyValues,
} from '../models/index.ts'
import { Acting, type ActingOptions, type Action, type RobotObservation } from './acting/acting.ts'
import type { Latency } from './acting/latency.ts'
import type { ModelDescription } from './bundle.ts'
import { type CommandCheck, commandCheck } from './command-check.ts'
import { imageBatch } from './image-batch.ts'
import type { RuntimeOptions } from './load-graphs.ts'
import { loadPolicy } from './load-policy.ts'
import { labelsByOutput, type NamedClass, type Prediction, predictionOf } from './prediction.ts'
import { readModelDescription } from './read-bundle.ts'

/** An image and a command for it. */
export interface Observation {
  readonly pixels: CameraPixels | EncodedImage
  /** Undefined for none: the model then reads a text without words, the tokenizer's start and end alone. */
  readonly command: string | undefined
}

/** Options of a policy's runtime. */
export interface PolicyRuntimeOptions extends RuntimeOptions, ActingOptions {
  /**
   * Receiver of a sentence on a command that the policy knows only in part, once for each command. Default: a warning of the
   * process.
   */
  readonly onNote?: ((text: string) => void) | undefined
}

/** Prediction for an observation, and where the policy looked for it. */
export interface Look {
  readonly prediction: Prediction
  /** Weights of the image's patches, row by row from the upper left corner, whose sum is 1; empty for a runner that gives none. */
  readonly attention: readonly number[]
}

/** A trained policy for inference: an image and a command in, values to act on out. */
export class PolicyRuntime {
  readonly description: ModelDescription<Policy>
  /** Runner of the model, for prepared batches. */
  readonly runner: PolicyRunner
  readonly #name: string
  readonly #commands: CommandCheck
  readonly #acting: Acting

  /**
   * A runtime of any runner, such as a quantized or a remote model; `load` takes the runner of a folder.
   * @param description Description of a policy; `readModelDescription` reads it.
   * @param name Name of the bundle in messages. Default `the bundle`. @param onNote As in {@link PolicyRuntimeOptions}.
   * @param acting Options of {@link act}.
   * @throws CheckpointError `bundle/model-type` for the description of a model that is no policy; ConfigError
   * `deploy/envelope` or `deploy/latency` for limits that are not valid.
   */
  constructor(
    description: ModelDescription,
    runner: PolicyRunner,
    name = 'the bundle',
    onNote: (text: string) => void = (text) => process.emitWarning(text, 'VisuomotorWarning'),
    acting: ActingOptions = {},
  ) {
    this.description = requirePolicy(description, name)
    this.runner = runner
    this.#name = name
    this.#commands = commandCheck(description.tokenizer.config, onNote)
    const part = {
      name,
      config: this.description.model.config,
      predict: (pixels: Observation['pixels'], command: string | undefined) => this.#answer(pixels, command),
      unlearned: (command: string) => this.unlearned(command),
    }
    this.#acting = new Acting(part, acting)
  }

  /**
   * Load the bundle of a policy, whose ONNX file runs; or a run that trains a policy, which is exported in memory.
   * @throws CheckpointError and ConfigError of `readBundle`; CheckpointError `bundle/onnx` for an ONNX file that
   * does not fit, `bundle/model-type` for a model that is no policy; ConfigError `engine/device`, EngineError
   * `engine/device-fails`.
   */
  static async load(directory: string, options: PolicyRuntimeOptions = {}): Promise<PolicyRuntime> {
    const description = requirePolicy(readModelDescription(directory, options), directory)
    const runner = await loadPolicy(directory, description, options)
    return new PolicyRuntime(description, runner, directory, options.onNote, options)
  }

  /** The labels that {@link predict} returns. */
  get labels(): readonly string[] {
    return this.#heads.flatMap(([, head]) => Object.values(labelsByOutput(head)))
  }

  /** Names of the classes of each label that has some, in the order of the probabilities of {@link predict}. */
  get classNames(): Readonly<Record<string, readonly string[]>> {
    const named = this.#heads.map(([, head]) => [classLabelOf(head), classNamesOf(head)] as const)
    return Object.fromEntries(named.filter(([label, names]) => label !== undefined && names !== undefined))
  }

  /** The classes of a prediction by label, the most probable first. */
  classesOf(prediction: Prediction): Readonly<Record<string, readonly NamedClass[]>> {
    const { classNames } = this
    const labels = this.#heads.flatMap(([, head]) => classLabelOf(head) ?? [])
    const named = labels.map((label) => {
      const classes = (prediction[label] ?? []).map((probability, i) => ({
        name: classNames[label]?.[i] ?? String(i),
        probability,
      }))
      return [label, classes.sort((a, b) => b.probability - a.probability)] as const
    })
    return Object.fromEntries(named)
  }

  /** Words of a command that the policy never learned; none where its bundle does not say what it learned. */
  unlearned(command: string): readonly string[] {
    return this.#commands.unlearned(command)
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
   * @throws DataError `data/no-command` for a text without a word that the policy learned; `data/unreadable-image` for an image that cannot be decoded; `data/camera-pixels` for pixels that
   * are neither an image's bytes nor as many as width and height say.
   */
  async predict(observation: Observation): Promise<Prediction> {
    const [prediction] = await this.predictAll([observation])
    return prediction!
  }

  /** Predictions for several observations at once, in their order. */
  async predictAll(observations: readonly Observation[]): Promise<Prediction[]> {
    return (await this.lookAt(observations)).map(({ prediction }) => prediction)
  }

  /**
   * Predictions for robots that act by themselves: a command in other words than those learned is answered, too.
   * @throws DataError of {@link predict}; `data/no-command` for a text without words only.
   */
  async answerAll(observations: readonly Observation[]): Promise<Prediction[]> {
    for (const { command } of observations) if (command !== undefined) this.#commands.note(command)
    const { heads } = await this.#compute(observations)
    return observations.map((_, row) => predictionOf(this.#heads, heads, row, observations.length))
  }

  /**
   * Attention of the command over the image's patches, row by row from the upper left corner; it sums to 1. Empty for a
   * runner that gives none.
   * @throws DataError of {@link predict}.
   */
  async attention(observation: Observation): Promise<readonly number[]> {
    const [look] = await this.lookAt([observation])
    return look!.attention
  }

  /** Predictions and attention together, for several observations in their order. @throws DataError of {@link predict}. */
  async lookAt(observations: readonly Observation[]): Promise<Look[]> {
    const { heads, attention } = await this.#run(observations)
    const patches = attention.length / observations.length
    return observations.map((_, row) => ({
      prediction: predictionOf(this.#heads, heads, row, observations.length),
      attention: Array.from(attention.subarray(row * patches, (row + 1) * patches)),
    }))
  }

  /**
   * One step of a robot: what its cameras see and what it is told, to values that its motors may be told. A command in other
   * words than those learned is answered, and its words are in `unlearned`.
   * @throws DataError `deploy/camera`, `deploy/joint-state`, `deploy/task`, and those of {@link predict}; ActionError
   * `deploy/outside-envelope` or `deploy/not-finite`, after which the robot is to hold still.
   */
  act(observation: RobotObservation): Promise<Action> {
    return this.#acting.act(observation)
  }

  /** Times of the last calls of {@link act}. */
  get latency(): Latency {
    return this.#acting.latency
  }

  /** Forget the last targets of the joints, as at the beginning of an episode or after the robot was moved by hand. */
  reset(): void {
    this.#acting.reset()
  }

  /** Compute as for {@link act}, so that no first call is slow; its times are not counted. @param times Default 3. */
  async warmUp(times = 3): Promise<void> {
    const { size } = this.description.image
    const pixels = { width: size, height: size, data: new Uint8Array(3 * size * size).fill(128) }
    for (let i = 0; i < times; i++) await this.predict({ pixels, command: undefined })
  }

  async #answer(pixels: Observation['pixels'], command: string | undefined): Promise<Prediction> {
    const [prediction] = await this.answerAll([{ pixels, command }])
    return prediction!
  }

  async #run(observations: readonly Observation[]): Promise<PolicyValues> {
    for (const { command } of observations) if (command !== undefined) this.#commands.require(command)
    return this.#compute(observations)
  }

  async #compute(observations: readonly Observation[]): Promise<PolicyValues> {
    const { model, tokenizer, image } = this.description
    const { length } = model.inputs.text
    const images = observations.map(({ pixels }) => pixels)
    const ids = observations.flatMap(({ command = '' }) => tokenizer.encode(command, length).inputIds)
    const pixelValues = await imageBatch(images, image, (i) => `observation ${i}`)
    return this.runner.run(pixelValues, int64([observations.length, length], ids))
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
