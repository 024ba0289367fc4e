import { performance } from 'node:perf_hooks'
import { ActionError, DataError, random } from '../../core/index.ts'
import type { ChunkPolicyConfig, ChunkPolicyModel, ChunkRunner } from '../../models/index.ts'
import { type EnvelopeOptions, JointEnvelope, type Violation } from '../acting/envelope.ts'
import { type Latency, type LatencyOptions, LatencyWindow } from '../acting/latency.ts'
import type { ModelDescription } from '../bundle.ts'
import { type CommandCheck, commandCheck } from '../command-check.ts'
import type { RuntimeOptions } from '../load-graphs.ts'
import { readModelDescription } from '../read-bundle.ts'
import { ChunkInputs, type ChunkObservation, namedNumbers } from './chunk-inputs.ts'
import { requireChunkPolicy } from './chunk-policy.ts'
import {
  type ActionStream,
  AsynchronousChunks,
  type AsynchronousOptions,
  ensembledChunks,
  queuedChunks,
} from './chunk-stream.ts'
import { loadChunkGraph } from './load-chunk-graph.ts'
import type { Chunk } from './temporal-ensembler.ts'

/** A chunk to act on, and how it came about. */
export interface ChunkAction {
  /** Actions in the units of the data, one row a step; inside of the envelope. */
  readonly actions: Chunk
  /** Numbers that were outside of the envelope before they were clamped, step by step; empty where none was. */
  readonly clamped: readonly Violation[]
  /** Words of the command that the policy never learned. */
  readonly unlearned: readonly string[]
  /** Time of the call in milliseconds, and whether that was more than the budget. */
  readonly milliseconds: number
  readonly overBudget: boolean
}

/** Options of the runtime of a policy that acts in chunks. */
export interface ChunkRuntimeOptions extends RuntimeOptions {
  /** Limits of what the robot may be told, for each number of an action. Default: none. */
  readonly envelope?: EnvelopeOptions | undefined
  /** Budget and window of the latency. Default: no budget, 1000 calls. */
  readonly latency?: LatencyOptions | undefined
  /** Seed of the noise that `flow` begins with. Default 0. */
  readonly seed?: number | undefined
}

/** A trained policy that acts in chunks, for inference. */
export class ChunkPolicyRuntime {
  readonly description: ModelDescription<ChunkPolicyModel>
  /** Runner of the model, for prepared batches. */
  readonly runner: ChunkRunner
  readonly #commands: CommandCheck
  readonly #latency: LatencyWindow
  readonly #envelope: JointEnvelope
  readonly #inputs: ChunkInputs
  readonly #seed: number
  #calls = 0

  /**
   * A runtime of any runner; `load` takes that of a folder.
   * @param name Name of the policy in messages.
   * @throws CheckpointError `bundle/model-type`; ConfigError `deploy/envelope` for limits that are not valid.
   */
  constructor(
    description: ModelDescription,
    runner: ChunkRunner,
    name = 'the bundle',
    options: ChunkRuntimeOptions = {},
  ) {
    const {
      onNote = (text) => process.emitWarning(text, 'VisuomotorWarning'),
      envelope = {},
      latency = {},
      seed = 0,
    } = options
    this.description = requireChunkPolicy(description, name)
    this.runner = runner
    this.#commands = commandCheck(description.tokenizer.config, onNote)
    this.#latency = new LatencyWindow(latency)
    const { action_names, action_size } = this.config
    this.#envelope = new JointEnvelope(namedNumbers(action_names, action_size, 'action'), envelope)
    this.#inputs = new ChunkInputs(this.description, name)
    this.#seed = seed
  }

  /**
   * Load a bundle, whose ONNX file runs; a run, which is exported in memory; or a checkpoint of LeRobot's ACT.
   * @throws Errors of `readBundle`; CheckpointError `bundle/onnx`, `bundle/model-type`; ConfigError `engine/device`.
   */
  static async load(directory: string, options: ChunkRuntimeOptions = {}): Promise<ChunkPolicyRuntime> {
    const description = requireChunkPolicy(readModelDescription(directory, options), directory)
    const runner = await loadChunkGraph(directory, description, options)
    return new ChunkPolicyRuntime(description, runner, directory, options)
  }

  get config(): ChunkPolicyConfig {
    return this.description.model.config
  }

  /** Times of the last calls of {@link act}. */
  get latency(): Latency {
    return this.#latency.latency
  }

  /** Words of a command that the policy never learned. */
  unlearned(command: string): readonly string[] {
    return this.#commands.unlearned(command)
  }

  /** Forget the last action, and draw noise from the first on, as at the beginning of an episode. */
  reset(): void {
    this.#calls = 0
    this.#envelope.reset()
  }

  /**
   * The chunks that the policy answers to observations, [chunk][numbers] each, in the units of the data.
   * @throws DataError `deploy/camera` or `deploy/joint-state` naming what is missing or unknown; those of `imageBatch`.
   */
  async predictAll(observations: readonly ChunkObservation[]): Promise<Chunk[]> {
    const feeds = await this.#inputs.feeds(observations, () => this.#noise())
    const { chunk_size, action_size } = this.config
    const values = await this.runner.run(feeds)
    const row = (at: number) => Array.from(values.subarray(at * action_size, (at + 1) * action_size))
    return observations.map((_, i) =>
      Array.from({ length: chunk_size }, (_, step) => row(i * chunk_size + step)),
    )
  }

  /**
   * One observation to the next actions, of which none is outside of the envelope.
   * @throws Errors of {@link predictAll}; ActionError `deploy/outside-envelope` or `deploy/not-finite`: the robot is to hold still.
   */
  async act(observation: ChunkObservation): Promise<ChunkAction> {
    const start = performance.now()
    const { command } = observation
    if (command !== undefined) this.#commands.note(command)
    const [chunk] = (await this.predictAll([observation])) as [Chunk]
    const time = this.#latency.addSince(start)
    requireFiniteChunk(chunk)
    const clamped: Violation[] = []
    let before = this.#measured(observation)
    const actions = chunk.map((action) => {
      const inside = this.#envelope.require(action, before)
      clamped.push(...inside.clamped)
      before = inside.targets
      return inside.targets
    })
    const unlearned = command === undefined ? [] : this.unlearned(command)
    return { actions, clamped, unlearned, ...time }
  }

  /** Actions one by one, as the policy's config says: by temporal ensembling, or `n_action_steps` of each chunk. */
  stream(): ActionStream<ChunkObservation> {
    const { temporal_ensemble_coeff: coefficient, chunk_size: chunk, n_action_steps = chunk } = this.config
    if (coefficient !== null) return ensembledChunks((seen) => this.#actions(seen), { coefficient, chunk })
    return queuedChunks((seen) => this.#actions(seen), n_action_steps)
  }

  /** Actions one by one, where the next chunk is predicted while the robot moves: see {@link AsynchronousChunks}. */
  asynchronous(options: AsynchronousOptions = {}): AsynchronousChunks<ChunkObservation> {
    return new AsynchronousChunks((seen) => this.#actions(seen), options)
  }

  /** Compute as for {@link act}, so that no first call is slow. @param times Default 3. */
  async warmUp(times = 3): Promise<void> {
    const { cameras, state_size } = this.config
    const { size } = this.description.image
    const grey = { width: size, height: size, data: new Uint8Array(3 * size * size).fill(128) }
    const seen = {
      cameras: Object.fromEntries(cameras.map((name) => [name, grey])),
      ...(state_size > 0 && { state: new Array<number>(state_size).fill(0) }),
    }
    for (let i = 0; i < times; i++) await this.predictAll([seen])
    this.#calls = 0
  }

  /** The measured state where it has the numbers of an action: limits of speed and step begin there. */
  #measured(observation: ChunkObservation): readonly number[] | undefined {
    const { state_size, action_size } = this.config
    if (state_size === action_size) return this.#inputs.stateOf(observation)
    if (!this.#envelope.needsState) return undefined
    throw new DataError(
      'deploy/joint-state',
      `state: the envelope limits speed or step from the measured positions, but the policy's state has ${state_size} numbers and its ` +
        `actions have ${action_size}: limit positions alone`,
      { state: state_size, action: action_size },
    )
  }

  /** Noise for `flow`, anew for each observation. */
  #noise(): number[] {
    const { chunk_size, action_size } = this.config
    const stream = random(this.#seed, 'noise', this.#calls++)
    return Array.from({ length: chunk_size * action_size }, () => stream.normal(0, 1))
  }

  async #actions(observation: ChunkObservation): Promise<Chunk> {
    return (await this.act(observation)).actions
  }
}

/** Refuse a chunk with a number that is not finite. @throws ActionError `deploy/not-finite` naming the step. */
export function requireFiniteChunk(chunk: Chunk): void {
  const step = chunk.findIndex((action) => !action.every(Number.isFinite))
  if (step === -1) return
  throw new ActionError(
    'deploy/not-finite',
    `the action is refused: step ${step} of the chunk is ${chunk[step]!.join(', ')}, which is not finite. Hold the robot where it is`,
    { step, values: chunk[step]!.map(String) },
  )
}
