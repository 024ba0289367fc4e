import { z } from 'zod'
import { type Batch, ConfigError, DataError, type HostArray, type Random, random } from '../../core/index.ts'
import type { Arena, Engine, Precision } from '../../engine/index.ts'
import type { Parameter } from '../../nn/index.ts'
import type { Communicator } from '../communicator.ts'
import type { ModelState } from '../model-state.ts'
import type { Metrics, StepRequest, StepResult, Task, TaskMemory } from '../task.ts'
import type { Leaves, Shapes } from './leaves.ts'
import { lossOutputs, readNumbers, type TaskLoss } from './loss-outputs.ts'
import { StepPrograms } from './step-programs.ts'

/** Function that measures the model on a data set. */
export type Evaluate = (batches: AsyncIterable<Batch>) => Promise<Metrics>

/**
 * Function that draws arrays which a batch does not bring, such as masks. They depend on the sample's stream of random
 * numbers alone, so that they are the same in a resumed run and in micro-batches of any size.
 *
 * @param streamOf Stream of a sample by its id; another one in each step.
 */
export type Draw = (batch: Batch, streamOf: (id: string) => Random) => Readonly<Record<string, HostArray>>

/** Parts of a task of either strategy, beside its loss. */
export interface TaskDefinition<Own extends object> {
  readonly name: string
  /** Parameters to train: the model's, and those of the loss. */
  readonly parameters: ReadonlyMap<string, Parameter>
  /** Precision of matrix products in training; default `float32`. */
  readonly precision?: Precision
  /** Seed of the dropout masks and of what is drawn; default: neither. */
  readonly seed?: number
  /** Draw further arrays of a batch, anew in each step. Default: none. */
  readonly draw?: Draw
  /** Memory beside the number of steps; its schema must let other keys pass. Default: none. */
  readonly memory?: TaskMemory<Own>
  /** Reason why a batch teaches nothing, for people. Default: every batch teaches. */
  readonly remark?: (batch: Batch) => string | undefined
  /**
   * Prepare to measure the model with these values; called once for each arena. Default: `loss` and the metrics of the
   * loss, as means over the samples, without dropout.
   */
  readonly evaluator?: (engine: Engine, values: Arena) => Promise<Evaluate>
}

/** Memory of a task: its number of steps, which selects the dropout masks, and the keys of its definition. */
export type StrategyMemory<Own extends object> = Own & { readonly steps: number }

/** One step of a task. */
export interface Step {
  readonly microBatches: readonly Batch[]
  readonly state: ModelState
  readonly communicator: Communicator
  readonly request: StepRequest
  /** Number of steps before this one. */
  readonly steps: number
  readonly programs: StepPrograms
}

/** A method to compute gradients from a loss. */
export interface Strategy {
  computeGradients(step: Step): Promise<StepResult>
  /** Arrays that the loss of a step reads, for each of its graphs. */
  arrays(microBatches: readonly Batch[]): Promise<readonly Shapes[]>
  /** The loss of one batch, for validation. */
  loss(leaves: Leaves): TaskLoss
}

/** The task of a definition and a strategy. */
export const defineTask = <Own extends object>(
  definition: TaskDefinition<Own>,
  strategy: Strategy,
): Task<StrategyMemory<Own>> => new DefinedTask(definition, strategy)

class DefinedTask<Own extends object> implements Task<StrategyMemory<Own>> {
  readonly name: string
  readonly parameters: ReadonlyMap<string, Parameter>
  readonly precision: Precision
  readonly memory?: TaskMemory<StrategyMemory<Own>>
  readonly remark?: (batch: Batch) => string | undefined
  readonly #strategy: Strategy
  readonly #programs: StepPrograms
  readonly #drawn: (batch: Batch, ...path: readonly (number | string)[]) => Batch
  readonly #evaluator: TaskDefinition<Own>['evaluator']
  readonly #evaluators = new WeakMap<Arena, Promise<Evaluate>>()
  #steps = 0

  constructor(definition: TaskDefinition<Own>, strategy: Strategy) {
    const { name, parameters, precision = 'float32', seed, memory, evaluator } = definition
    this.name = name
    this.parameters = parameters
    this.precision = precision
    this.#strategy = strategy
    this.#programs = new StepPrograms(definition)
    this.#evaluator = evaluator
    this.#drawn = drawing(definition)
    if (definition.remark) this.remark = definition.remark
    if (memory || seed !== undefined) this.memory = this.#remember(memory)
  }

  async computeGradients(
    microBatches: readonly Batch[],
    state: ModelState,
    communicator: Communicator,
    request: StepRequest = { sampleLosses: false },
  ): Promise<StepResult> {
    const [steps, programs] = [this.#steps, this.#programs]
    const drawn = microBatches.map((batch) => this.#drawn(batch, steps))
    const step = { microBatches: drawn, state, communicator, request, steps, programs }
    const result = await this.#strategy.computeGradients(step)
    this.#steps++
    return result
  }

  async check(microBatches: readonly Batch[]): Promise<void> {
    const drawn = microBatches.map((batch) => this.#drawn(batch, 0))
    for (const arrays of await this.#strategy.arrays(drawn))
      this.#programs.check(arrays, (leaves) => this.#strategy.loss(leaves).loss)
  }

  release(state: ModelState): void {
    this.#programs.release(state)
  }

  async evaluate(batches: AsyncIterable<Batch>, values: Arena, state: ModelState): Promise<Metrics> {
    if (!this.#evaluator) return this.#meanLoss(batches, { ...state, values })
    const evaluator = this.#evaluators.get(values) ?? this.#evaluator(state.engine, values)
    this.#evaluators.set(values, evaluator)
    return (await evaluator)(batches)
  }

  #remember(own: TaskMemory<Own> | undefined): TaskMemory<StrategyMemory<Own>> {
    const steps = z.object({ steps: z.int().nonnegative() })
    const read = () => ({ steps: this.#steps, ...own?.value }) as StrategyMemory<Own>
    const write = (value: StrategyMemory<Own>) => {
      this.#steps = value.steps
      if (own) own.value = value
    }
    return {
      schema: (own ? steps.and(own.schema) : steps) as z.ZodType<StrategyMemory<Own>>,
      get value() {
        return read()
      },
      set value(value) {
        write(value)
      },
    }
  }

  async #meanLoss(batches: AsyncIterable<Batch>, state: ModelState): Promise<Metrics> {
    const sums: Record<string, number> = {}
    let samples = 0
    const build = (leaves: Leaves) => ({
      outputs: lossOutputs(this.#strategy.loss(leaves), { sampleLosses: false }),
    })
    for await (const batch of batches) {
      const { ids, arrays } = this.#drawn(batch, 'evaluation')
      const program = this.#programs.find('evaluate', arrays, state, build, false)
      const { loss, numbers } = await readNumbers(await program.run(arrays, { steps: 0, samples: ids }))
      for (const [name, value] of Object.entries({ loss, ...numbers }))
        sums[name] = (sums[name] ?? 0) + value * ids.length
      samples += ids.length
    }
    if (samples === 0) throw new DataError('data/empty', 'nothing can be measured: the data has no samples')
    return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / samples]))
  }
}

/** Function that adds what a task draws to a batch. @throws ConfigError `training/no-seed`. */
function drawing({ name, draw, seed }: Pick<TaskDefinition<object>, 'name' | 'draw' | 'seed'>) {
  if (!draw) return (batch: Batch): Batch => batch
  if (seed === undefined) {
    const message = `task '${name}' draws arrays of its batches; give it a seed, by which it draws them`
    throw new ConfigError('training/no-seed', message, { task: name })
  }
  return (batch: Batch, ...path: readonly (number | string)[]): Batch => {
    const arrays = draw(batch, (id) => random(seed, 'draw', ...path, id))
    return { ...batch, arrays: { ...batch.arrays, ...arrays } }
  }
}
