import { z } from 'zod'
import { ConfigError, didYouMean, float32, type HostArray } from '../../../core/index.ts'
import type { Tensor } from '../../../graph/index.ts'
import { uncertaintyWeighting } from '../../../losses/index.ts'
import { filled, Parameter } from '../../../nn/index.ts'
import type { Leaves } from '../../strategies/leaves.ts'
import type { TaskMemory } from '../../task.ts'

/**
 * Rule to combine the losses of several tasks.
 *
 * - `manual`: each loss times its own weight.
 * - `scheduled`: weights that change over the run: [fraction of the run in [0, 1], weight], linear between points.
 * - `uncertainty`: exp(−s)·L + s with a learned s each, 0 at first.
 * - `adaptive`: each loss times s, 1 at first; after a step s is raised by `step` where the loss rose and lowered by
 *   it otherwise, not below `floor`: a task that gets worse gets more attention.
 */
export type TaskWeighting =
  | { readonly kind: 'manual'; readonly weights: Readonly<Record<string, number>> }
  | { readonly kind: 'scheduled'; readonly weights: Readonly<Record<string, readonly WeightPoint[]>> }
  | { readonly kind: 'uncertainty' }
  | { readonly kind: 'adaptive'; readonly step: number; readonly floor: number }

export type WeightPoint = readonly [part: number, weight: number]

/** Losses by task; undefined for a task without labelled samples. */
export type TaskLosses = Readonly<Record<string, number | undefined>>

const adaptiveWeight = z.object({ weight: z.number(), loss: z.number().exactOptional() })

/** Memory of adaptive weights: each task's weight, and its loss in the step before. */
export interface TaskWeightsMemory {
  readonly weights?: Readonly<Record<string, z.infer<typeof adaptiveWeight>>>
}

/** The weights of the tasks of one run. */
export class TaskWeights {
  /** Learned weights by name; trained beside the model's parameters, and not part of a bundle. */
  readonly parameters: ReadonlyMap<string, Parameter>
  readonly #kind: TaskWeighting
  readonly #tasks: readonly string[]
  #adaptive: NonNullable<TaskWeightsMemory['weights']>

  /** @throws ConfigError `training/task-weights` for the weight of an unknown task. */
  constructor(kind: TaskWeighting, tasks: readonly string[]) {
    if ('weights' in kind) requireTasks(Object.keys(kind.weights), tasks)
    this.#kind = kind
    this.#tasks = tasks
    const learned = kind.kind === 'uncertainty' ? tasks : []
    this.parameters = new Map(
      learned.map((task) => {
        const parameter = new Parameter([], filled(0))
        parameter.name = `log_variances.${task}`
        return [parameter.name, parameter]
      }),
    )
    this.#adaptive = Object.fromEntries(tasks.map((task) => [task, { weight: 1 }]))
  }

  /**
   * Sum of the weighted losses.
   * @param losses A scalar each.
   * @param shares A scalar each: 1, or the fraction of this piece where a batch comes in pieces; 0 without labels.
   * @param leaves Leaves of a graph that is fed {@link feeds}.
   */
  combine(
    losses: Readonly<Record<string, Tensor>>,
    shares: Readonly<Record<string, Tensor>>,
    leaves: Leaves,
  ): Tensor {
    return Object.entries(losses)
      .map(([task, loss]) => {
        const s = this.parameters.get(`log_variances.${task}`)?.tensor
        if (!s) return loss.mul(leaves.get(leafName(task)))
        return uncertaintyWeighting(loss, s, shares[task]!)
      })
      .reduce((sum, term) => sum.add(term))
  }

  /**
   * Factors of the losses by task; none where they are learned. @param part Fraction of the run that is over, in [0,
   * 1].
   */
  factors(part: number): Readonly<Record<string, number>> {
    if (this.#kind.kind === 'uncertainty') return {}
    return Object.fromEntries(this.#tasks.map((task) => [task, this.#weight(task, part)]))
  }

  /** Arrays to feed the graph of {@link combine}, for these factors. */
  feeds(factors: Readonly<Record<string, number>>): Readonly<Record<string, HostArray>> {
    const entries = Object.entries(factors)
    return Object.fromEntries(entries.map(([task, value]) => [leafName(task), float32([], [value])]))
  }

  /** Update the weights from the losses of a step. */
  observe(losses: TaskLosses): void {
    const kind = this.#kind
    if (kind.kind !== 'adaptive') return
    const next = this.#tasks.map((task) => {
      const { weight, loss: before } = this.#adaptive[task]!
      const loss = losses[task]
      if (loss === undefined) return [task, this.#adaptive[task]!] as const
      if (before === undefined) return [task, { weight, loss }] as const
      const moved = loss > before ? weight + kind.step : Math.max(kind.floor, weight - kind.step)
      return [task, { weight: moved, loss }] as const
    })
    this.#adaptive = Object.fromEntries(next)
  }

  get memory(): TaskMemory<TaskWeightsMemory> {
    const adapts = this.#kind.kind === 'adaptive'
    const ofTasks = z.object(Object.fromEntries(this.#tasks.map((task) => [task, adaptiveWeight])))
    const read = () => (adapts ? { weights: this.#adaptive } : {})
    const write = ({ weights }: TaskWeightsMemory) => {
      if (weights) this.#adaptive = weights
    }
    return {
      schema: adapts ? z.object({ weights: ofTasks }) : z.object({}),
      get value() {
        return read()
      },
      set value(value) {
        write(value)
      },
    }
  }

  #weight(task: string, part: number): number {
    const kind = this.#kind
    if (kind.kind === 'manual') return kind.weights[task] ?? 1
    if (kind.kind === 'scheduled') return interpolate(kind.weights[task] ?? [[0, 1]], part)
    return this.#adaptive[task]!.weight
  }
}

const leafName = (task: string) => `factor:${task}`

/** Linear interpolation between points; constant before the first and after the last. */
function interpolate(points: readonly WeightPoint[], part: number): number {
  const after = points.findIndex(([at]) => at >= part)
  if (after < 0) return points.at(-1)![1]
  const [to, weight] = points[after]!
  if (after === 0) return weight
  const [from, before] = points[after - 1]!
  return before + ((part - from) / (to - from)) * (weight - before)
}

function requireTasks(named: readonly string[], tasks: readonly string[]): void {
  const wrong = named.find((task) => !tasks.includes(task))
  if (wrong === undefined) return
  throw new ConfigError(
    'training/task-weights',
    `a weight is given for the task '${wrong}', but the model has no such head${didYouMean(wrong, tasks)}`,
    { task: wrong, tasks },
  )
}
