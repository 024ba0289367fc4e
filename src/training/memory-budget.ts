import { readFileSync, writeFileSync } from 'node:fs'
import { type Batch, ConfigError, type MemoryState } from '../core/index.ts'
import { alone } from './communicator.ts'
import { splitBatch } from './micro-batches.ts'
import type { ModelState } from './model-state.ts'
import type { Task } from './task.ts'

/** Budget of a run's memory, and the sizes among which it chooses. */
export interface MemoryBudgetOptions {
  /** Bytes of resident memory that the process may take. */
  readonly bytes: number
  /**
   * Number that follows the memory. `microSize` (default): micro-batches, so that the effective batch stays as it is. `size`: the
   * effective batch, which is learned from in several updates, each with its share of the learning rate.
   */
  readonly adapt?: 'microSize' | 'size'
  /** Fewest and most samples at once. Default: 8 and 128; a smaller batch is its own bound. */
  readonly between?: readonly [fewest: number, most: number]
  /** Largest resident memory in bytes since the call before. Default: that of this process. */
  readonly measure?: () => number
}

/** Fractions of the budget beyond which the size is halved, and below which it is doubled. */
const [halvedAbove, doubledBelow] = [0.9, 0.6]

/**
 * Number of samples at once that follows the measured memory: halved when a step took more than 0.9 of the budget, doubled
 * when it took less than 0.6, between two bounds. A size that was too large once is not tried again, so that the size
 * settles.
 */
export class MemoryBudget {
  readonly #options: MemoryBudgetOptions
  readonly #fewest: number
  readonly #most: number
  readonly #measure: () => number
  #state: MemoryState

  /**
   * @param batchSize Samples of a step.
   * @param microSize Samples at once to begin with. Default: as many as allowed.
   */
  constructor(options: MemoryBudgetOptions, batchSize: number, microSize = batchSize) {
    const [fewest, most] = options.between ?? [8, 128]
    this.#options = options
    this.#fewest = Math.min(fewest, batchSize)
    this.#most = Math.min(most, batchSize)
    this.#measure = options.measure ?? peakMemory
    this.#state = { size: Math.max(this.#fewest, Math.min(microSize, this.#most)) }
  }

  /** Samples at once in the next step. */
  get size(): number {
    return this.#state.size
  }

  /** The batches of a step, for an update each: one, or several of nearly one size where the batch itself follows. */
  batches(batch: Batch): Batch[] {
    this.#measure() // what came between the steps, such as a validation, does not count
    if (this.#options.adapt !== 'size') return [batch]
    const count = batch.ids.length
    return splitBatch(batch, Math.ceil(count / Math.ceil(count / this.size)))
  }

  get state(): MemoryState {
    return this.#state
  }

  set state(state: MemoryState) {
    this.#state = state
  }

  /**
   * Compute the gradients of one sample, without an effect on the training.
   * @throws ConfigError `training/memory-budget` when that takes more than the budget.
   */
  async requireSample(task: Task, state: ModelState, batch: Batch): Promise<void> {
    const memory: unknown = task.memory?.value
    this.#measure()
    await task.computeGradients(splitBatch(batch, 1).slice(0, 1), state, alone)
    const bytes = this.#measure()
    if (task.memory) task.memory.value = memory
    task.release?.(state)
    if (bytes <= this.#options.bytes) return
    throw new ConfigError(
      'training/memory-budget',
      `a step of one sample takes ${mebibytes(bytes)} of memory, more than the budget of ` +
        `${mebibytes(this.#options.bytes)}: raise machine.memoryBudget (--memory-budget), or take a smaller model`,
      { bytes, budget: this.#options.bytes },
    )
  }

  /**
   * Measure the step that is over, and choose the size for the next.
   * @returns A sentence about a change of size; undefined where it stays.
   */
  observe(): string | undefined {
    const bytes = this.#measure()
    const used = bytes / this.#options.bytes
    const { size, tooLarge = Number.POSITIVE_INFINITY } = this.#state
    const half = Math.max(this.#fewest, Math.floor(size / 2))
    const double = Math.min(this.#most, 2 * size)
    if (used > halvedAbove && half < size) this.#state = { size: half, tooLarge: Math.min(size, tooLarge) }
    else if (used < doubledBelow && double > size && double < tooLarge)
      this.#state = { ...this.#state, size: double }
    if (this.size === size) return undefined
    const share = `${Math.round(100 * used)} % of the ${mebibytes(this.#options.bytes)} of memory`
    const what = this.#options.adapt === 'size' ? 'batches' : 'micro-batches'
    return `${what} of ${this.size} samples instead of ${size}: the last step took ${share}`
  }
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`

/** The largest peak that a reset has made the system forget. */
let largest = 0

/** The largest resident memory of this process since its start, in bytes, whatever a budget has measured on the way. */
export const peakMemoryOfProcess = (): number => Math.max(largest, process.resourceUsage().maxRSS * 1024)

/**
 * The largest resident memory of this process since the call before, in bytes. Linux keeps it and lets it be reset;
 * elsewhere it is the memory now, from which ONNX Runtime and Node give little back after a step.
 */
function peakMemory(): number {
  const now = process.memoryUsage.rss()
  if (process.platform !== 'linux') return now
  try {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    const bytes = Math.max(now, Number(peak ?? 0) * 1024)
    largest = Math.max(largest, bytes)
    writeFileSync('/proc/self/clear_refs', '5')
    return bytes
  } catch {
    return now // a container may forbid the reset: then the peak would be that of the whole run
  }
}
