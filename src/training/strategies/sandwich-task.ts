import { z } from 'zod'
import type { Batch } from '../../core/index.ts'
import type { Arena } from '../../engine/index.ts'
import type { Communicator } from '../communicator.ts'
import type { ModelState } from '../model-state.ts'
import { batchWithOutputs, type OutputsOf } from '../outputs/with-outputs.ts'
import type { Metrics, StepRequest, StepResult, Task, TaskMemory } from '../task.ts'

/** Tasks of a supernet: one of the whole, the others of sub-networks that read parts of the same parameters. */
export interface SandwichOptions {
  readonly largest: Task
  readonly smallest: Task
  /** Number of sub-networks that are drawn for a step beside these two. */
  readonly random: number
  /** Steps for which a drawn one stays: its graph is compiled, which takes longer than a step. */
  readonly redrawSteps: number
  /** The task of the sub-network of a draw, counted from 0: the same for the same number. */
  readonly draw: (draw: number) => Task
  /**
   * Open the outputs of the largest, with the values of a state as they are at each step, which are arrays of the batches for
   * the others: in-place distillation. Default: none.
   */
  readonly teach?: (state: ModelState) => Promise<OutputsOf>
}

interface Memory {
  readonly steps: number
  /** Memory of the largest's task. */
  readonly task?: unknown
}

/**
 * The sandwich rule (Yu & Huang 2019, "Universally Slimmable Networks"): each step adds up the gradients of the largest
 * network, of the smallest and of `random` others over the same batch,
 *
 *     g = ∇L(largest) + ∇L(smallest) + Σ ∇L(drawn),
 *
 * with the same masks and other draws. All read one arena of parameters, and write to one of gradients. The loss is the
 * largest's; `smallestLoss` and `drawnLoss`, a mean, are in the log. Metrics are the largest's. Deviation: a drawn network
 * stays for `redrawSteps` steps.
 */
export const sandwichTask = (options: SandwichOptions): Task<Memory> => new SandwichTask(options)

class SandwichTask implements Task<Memory> {
  readonly name: string
  readonly parameters: Task['parameters']
  readonly precision?: NonNullable<Task['precision']>
  readonly memory: TaskMemory<Memory>
  readonly remark?: NonNullable<Task['remark']>
  readonly check?: NonNullable<Task['check']>
  readonly #options: SandwichOptions
  #steps = 0
  #round = -1
  #drawn: readonly Task[] = []
  #teacher: { readonly of: Arena; readonly outputsOf: OutputsOf } | undefined

  constructor(options: SandwichOptions) {
    const { largest, smallest } = options
    this.#options = options
    this.name = largest.name
    this.parameters = largest.parameters
    if (largest.precision) this.precision = largest.precision
    if (largest.remark) this.remark = (batch) => largest.remark!(batch)
    if (largest.check)
      this.check = async (microBatches) => {
        await largest.check!(microBatches)
        // The outputs of a teacher are there only in training.
        if (!options.teach) await smallest.check?.(microBatches)
      }
    this.memory = this.#remember(largest.memory)
  }

  async computeGradients(
    microBatches: readonly Batch[],
    state: ModelState,
    communicator: Communicator,
    request: StepRequest = { sampleLosses: false },
  ): Promise<StepResult> {
    const { largest, smallest } = this.#options
    const before = largest.memory?.value
    const whole = await largest.computeGradients(microBatches, state, communicator, request)
    const taught = await this.#taught(microBatches, state)
    const losses: number[] = []
    for (const task of [smallest, ...this.#drawnNow(state)]) {
      if (task.memory) task.memory.value = structuredClone(before)
      const wanted = { ...request, sampleLosses: false, accumulate: true }
      losses.push((await task.computeGradients(taught, state, communicator, wanted)).loss)
    }
    this.#steps++
    const [smallestLoss, ...drawn] = losses as [number, ...number[]]
    const drawnLoss = drawn.reduce((sum, loss) => sum + loss, 0) / drawn.length
    return {
      ...whole,
      numbers: { ...whole.numbers, smallestLoss, ...(drawn.length > 0 && { drawnLoss }) },
    }
  }

  evaluate(batches: AsyncIterable<Batch>, values: Arena, state: ModelState): Promise<Metrics> {
    return this.#options.largest.evaluate(batches, values, state)
  }

  release(state: ModelState): void {
    const { largest, smallest } = this.#options
    for (const task of [largest, smallest, ...this.#drawn]) task.release?.(state)
  }

  /** The batches with the outputs of the largest. */
  async #taught(microBatches: readonly Batch[], state: ModelState): Promise<readonly Batch[]> {
    const { teach } = this.#options
    if (!teach) return microBatches
    if (this.#teacher?.of !== state.values)
      this.#teacher = { of: state.values, outputsOf: await teach(state) }
    const taught: Batch[] = []
    for (const batch of microBatches) taught.push(await batchWithOutputs(batch, this.#teacher.outputsOf))
    return taught
  }

  /** The drawn sub-networks of this step. */
  #drawnNow(state: ModelState): readonly Task[] {
    const { random, redrawSteps, draw } = this.#options
    const round = Math.floor(this.#steps / redrawSteps)
    if (round === this.#round) return this.#drawn
    for (const task of this.#drawn) task.release?.(state)
    this.#drawn = Array.from({ length: random }, (_, i) => draw(round * random + i))
    this.#round = round
    return this.#drawn
  }

  #remember(own: TaskMemory | undefined): TaskMemory<Memory> {
    const read = () => ({ steps: this.#steps, ...(own && { task: own.value }) })
    const write = ({ steps, task }: Memory) => {
      this.#steps = steps
      if (own) own.value = task
    }
    return {
      schema: z.object({ steps: z.int().nonnegative(), ...(own && { task: own.schema }) }),
      get value() {
        return read()
      },
      set value(value) {
        write(value)
      },
    }
  }
}
