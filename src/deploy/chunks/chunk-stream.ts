import { ConfigError } from '../../core/index.ts'
import { type Chunk, TemporalEnsembler } from './temporal-ensembler.ts'

/** A policy that answers observations with chunks of actions. */
export type Predict<Seen> = (observation: Seen) => Promise<Chunk>

/** Actions one by one, from a policy that predicts chunks. */
export interface ActionStream<Seen> {
  /** The action of this step. */
  next(observation: Seen): Promise<readonly number[]>
  /** Begin an episode. */
  reset(): void
}

/**
 * The first `steps` actions of a chunk are carried out, then the policy is asked again, while the robot waits. What LeRobot's
 * policies do with `n_action_steps`.
 * @throws ConfigError `deploy/chunk` for a number of steps that is not whole and above 0.
 */
export function queuedChunks<Seen>(predict: Predict<Seen>, steps: number): ActionStream<Seen> {
  requireCount('the number of steps', steps, 1)
  let queue: (readonly number[])[] = []
  return {
    async next(observation) {
      if (queue.length === 0) queue = (await predict(observation)).slice(0, steps)
      return queue.shift()!
    },
    reset() {
      queue = []
    },
  }
}

/** The policy is asked at every step, and its chunks are averaged: see {@link TemporalEnsembler}. */
export function ensembledChunks<Seen>(
  predict: Predict<Seen>,
  options: { readonly coefficient: number; readonly chunk: number },
): ActionStream<Seen> {
  const ensembler = new TemporalEnsembler(options.coefficient, options.chunk)
  return {
    next: async (observation) => ensembler.update(await predict(observation)),
    reset: () => ensembler.reset(),
  }
}

/** Options of chunks that are predicted while the robot moves. */
export interface AsynchronousOptions {
  /** Number of actions left at which the next chunk is asked for; more than the steps that an answer takes. Default: half of a chunk. */
  readonly ask?: number | undefined
  /** Number of steps over which the new chunk takes over from the old one. Default 4; 0 for none. */
  readonly blend?: number | undefined
}

/** A chunk that was asked for. */
interface Pending {
  readonly answer: Promise<void>
  chunk?: Chunk
  error?: unknown
  /** Number of its actions that are in the past. */
  age: number
}

/**
 * The next chunk is predicted while the actions of this one are carried out (asynchronous inference; Black et al. 2025 call what
 * follows from it real-time chunking).
 *
 * A chunk that was asked for k steps ago begins in the past: its first k actions are left out. Over the next `blend` steps it takes
 * over from the old one: step j of the seam is old·(1 − w) + new·w with w = (j + 1)/(blend + 1), as far as the old one goes. Where
 * the old one is used up before the new one is there, the robot waits, and `waits` counts it.
 */
export class AsynchronousChunks<Seen> implements ActionStream<Seen> {
  readonly #predict: Predict<Seen>
  readonly #ask: number | undefined
  readonly #blend: number
  #queue: (readonly number[])[] = []
  #pending: Pending | undefined
  #seams: number[] = []
  #step = 0
  #waits = 0
  /** Length of the chunks so far. */
  #longest = 0

  /** @throws ConfigError `deploy/chunk` for counts that are not whole. */
  constructor(predict: Predict<Seen>, { ask, blend = 4 }: AsynchronousOptions = {}) {
    if (ask !== undefined) requireCount('ask', ask, 0)
    requireCount('blend', blend, 0)
    this.#predict = predict
    this.#ask = ask
    this.#blend = blend
  }

  /** Steps of this episode at which a new chunk began to take over. */
  get seams(): readonly number[] {
    return this.#seams
  }

  /** Number of steps of this episode at which the robot waited for a chunk, the first one included. */
  get waits(): number {
    return this.#waits
  }

  async next(observation: Seen): Promise<readonly number[]> {
    this.#takeOver()
    if (this.#queue.length === 0) {
      this.#waits += 1
      this.#request(observation)
      await this.#pending!.answer
      this.#takeOver()
    }
    const action = this.#queue.shift()
    if (action === undefined)
      throw new ConfigError(
        'deploy/chunk',
        'a chunk was used up before it came: ask for chunks earlier (ask), or predict longer ones',
        { steps: this.#step },
      )
    if (this.#pending) this.#pending.age += 1
    else if (this.#queue.length <= (this.#ask ?? Math.floor(this.#longest / 2))) this.#request(observation, 1)
    this.#step += 1
    return action
  }

  reset(): void {
    this.#queue = []
    this.#pending = undefined
    this.#seams = []
    this.#step = 0
    this.#waits = 0
  }

  /** @param age Number of actions of the new chunk that are in the past already. */
  #request(observation: Seen, age = 0): void {
    if (this.#pending) return
    const pending: Pending = {
      age,
      answer: this.#predict(observation).then(
        (chunk) => {
          pending.chunk = chunk
        },
        (error: unknown) => {
          pending.error = error
        },
      ),
    }
    this.#pending = pending
  }

  /** Let a chunk that has come follow. @throws Error of a prediction that failed. */
  #takeOver(): void {
    const { chunk, error, age } = this.#pending ?? { age: 0 }
    if (error !== undefined) {
      this.#pending = undefined
      throw error
    }
    if (!chunk) return
    this.#pending = undefined
    this.#longest = Math.max(this.#longest, chunk.length)
    if (age >= chunk.length) return
    if (this.#step > 0) this.#seams.push(this.#step)
    this.#queue = blended(this.#queue, chunk.slice(age), this.#blend)
  }
}

/** The new actions, over the first steps mixed with the old ones. */
export function blended(old: Chunk, fresh: Chunk, steps: number): (readonly number[])[] {
  return fresh.map((action, step) => {
    const before = step < steps ? old[step] : undefined
    if (!before) return action
    const weight = (step + 1) / (steps + 1)
    return action.map((value, i) => before[i]! * (1 - weight) + value * weight)
  })
}

function requireCount(what: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return
  throw new ConfigError(
    'deploy/chunk',
    `${what} is ${value}, and must be a whole number of ${least} or more`,
    { value },
  )
}
