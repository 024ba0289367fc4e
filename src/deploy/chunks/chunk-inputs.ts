import { DataError, didYouMean, float32, type HostArray, int64 } from '../../core/index.ts'
import type { CameraPixels, EncodedImage } from '../../data/images/index.ts'
import {
  type ChunkPolicyConfig,
  type ChunkPolicyModel,
  chunkGraphInputs,
  type Joint,
} from '../../models/index.ts'
import { type JointState, positionsOf } from '../acting/joint-state.ts'
import type { ModelDescription } from '../bundle.ts'
import { imageBatch } from '../image-batch.ts'

/** Pictures, state and command of a robot. */
export interface ChunkObservation {
  /** A picture of each camera of the policy, by name. */
  readonly cameras: Readonly<Record<string, CameraPixels | EncodedImage>>
  /** The robot's state, `observation.state` of its data: by the names of its numbers, or in their order. */
  readonly state?: JointState | undefined
  /** Undefined for none. */
  readonly command?: string | undefined
}

/** Observations as inputs of a policy's graph. */
export class ChunkInputs {
  readonly #description: ModelDescription<ChunkPolicyModel>
  readonly #name: string

  /** @param name Name of the policy in messages. */
  constructor(description: ModelDescription<ChunkPolicyModel>, name: string) {
    this.#description = description
    this.#name = name
  }

  get #config() {
    return this.#description.model.config
  }

  /**
   * Arrays by the names of the graph's inputs.
   * @param noise Numbers that `flow` begins with, for one observation after the other.
   * @throws DataError `deploy/camera`, `deploy/joint-state`, and those of `imageBatch`.
   */
  async feeds(
    observations: readonly ChunkObservation[],
    noise: () => readonly number[],
  ): Promise<Readonly<Record<string, HostArray>>> {
    const { cameras, state_size, text_config, head, chunk_size, action_size } = this.#config
    const count = observations.length
    const names = chunkGraphInputs
    for (const { cameras: given } of observations) this.#requireCameras(given)
    const states = observations.map((observation) => (state_size > 0 ? this.stateOf(observation) : []))
    const drawn = head === 'flow' ? observations.flatMap(noise) : []
    return {
      ...(cameras.length > 0 && { [names.pixels]: await this.#pictures(observations) }),
      ...(state_size > 0 && { [names.state]: float32([count, state_size], states.flat()) }),
      ...(text_config && { [names.text]: this.#texts(observations) }),
      ...(head === 'flow' && { [names.noise]: float32([count, chunk_size, action_size], drawn) }),
    }
  }

  /** The state in the policy's order. @throws DataError `deploy/joint-state` naming what is missing, unknown or not finite. */
  stateOf({ state }: ChunkObservation): readonly number[] {
    const { state_names, state_size } = this.#config
    if (state !== undefined) return positionsOf(state, namedNumbers(state_names, state_size, 'state'))
    throw new DataError(
      'deploy/joint-state',
      `state: ${this.#name} reads the robot's state, ${state_size} numbers, and there is none`,
      { size: state_size },
    )
  }

  async #pictures(observations: readonly ChunkObservation[]): Promise<HostArray<'float32'>> {
    const { cameras } = this.#config
    const images = observations.flatMap(({ cameras: given }) => cameras.map((name) => given[name]!))
    const { image } = this.#description
    const { shape, data } = await imageBatch(images, image, (i) => `camera ${cameras[i % cameras.length]}`)
    const views = cameras.length > 1 ? [cameras.length] : []
    return float32([observations.length, ...views, ...shape.slice(1)], data)
  }

  #texts(observations: readonly ChunkObservation[]): HostArray<'int64'> {
    const { model, tokenizer } = this.#description
    const { length } = model.inputs.text
    const ids = observations.flatMap(({ command = '' }) => tokenizer.encode(command, length).inputIds)
    return int64([observations.length, length], ids)
  }

  #requireCameras(given: ChunkObservation['cameras']): void {
    const { cameras } = this.#config
    const missing = cameras.find((name) => given[name] === undefined)
    const unknown = Object.keys(given).find((name) => !cameras.includes(name))
    if (missing === undefined && unknown === undefined) return
    const problem =
      unknown === undefined
        ? `there is no picture of '${missing}'`
        : `it has no camera '${unknown}'${didYouMean(unknown, cameras)}`
    const seen = cameras.length > 0 ? cameras.join(', ') : 'no camera'
    throw new DataError('deploy/camera', `cameras: ${this.#name} sees by ${seen}, and ${problem}`, {
      cameras,
      given: Object.keys(given),
    })
  }
}

/** Names of the numbers of a policy's state and actions. */
export const chunkNumbers = (config: ChunkPolicyConfig) => ({
  state: namedNumbers(config.state_names, config.state_size, 'state'),
  action: namedNumbers(config.action_names, config.action_size, 'action'),
})

/** Numbers by name; those that the policy does not name by their place. */
export const namedNumbers = (names: readonly string[] | null, size: number, what: string): readonly Joint[] =>
  Array.from({ length: size }, (_, i) => ({ name: names?.[i] ?? `${what} ${i + 1}` }))
