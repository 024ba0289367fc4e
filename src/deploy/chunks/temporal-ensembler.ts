import { ConfigError } from '../../core/index.ts'

/** Actions of a chunk, one row a step. */
export type Chunk = readonly (readonly number[])[]

/**
 * Temporal ensembling of overlapping chunks (Zhao et al. 2023, algorithm 2): an action is the mean of all predictions for its step,
 * with weights exp(−m·i), i = 0 for the oldest, divided by their sum. Equal to LeRobot's `ACTTemporalEnsembler`.
 *
 * With m = 0 all count alike, above 0 the older ones more, below 0 the newer ones. ACT's m is 0.01.
 */
export class TemporalEnsembler {
  readonly #weights: readonly number[]
  readonly #sums: readonly number[]
  /** Means so far of the next steps, and of how many predictions each is one. */
  #means: { readonly action: readonly number[]; readonly count: number }[] = []

  /**
   * @param coefficient m. @param chunk Actions of a chunk.
   * @throws ConfigError `deploy/chunk` for a coefficient that is not finite.
   */
  constructor(coefficient: number, chunk: number) {
    if (!Number.isFinite(coefficient))
      throw new ConfigError('deploy/chunk', `temporal ensembling with ${coefficient}: take a number, as 0.01`)
    this.#weights = Array.from({ length: chunk + 1 }, (_, i) => Math.exp(-coefficient * i))
    let sum = 0
    this.#sums = this.#weights.map((weight) => {
      sum += weight
      return sum
    })
  }

  /** Take in the chunk that was predicted for this step. @returns The action of this step. */
  update(chunk: Chunk): readonly number[] {
    const joined = chunk.map((action, step) => {
      const before = this.#means[step]
      if (!before) return { action, count: 1 }
      const { count } = before
      const mean = action.map(
        (value, i) =>
          (before.action[i]! * this.#sums[count - 1]! + value * this.#weights[count]!) / this.#sums[count]!,
      )
      return { action: mean, count: Math.min(count + 1, chunk.length) }
    })
    const [first, ...rest] = joined
    this.#means = rest
    return first!.action
  }

  /** Forget all chunks, as at the beginning of an episode. */
  reset(): void {
    this.#means = []
  }
}
