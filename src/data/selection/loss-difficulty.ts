import { nextTarget, type ProgressiveDifficulty } from './progressive-difficulty.ts'
import {
  decodeLosses,
  encodeLosses,
  type RunningLosses,
  type SampleLosses,
  withLosses,
} from './running-losses.ts'
import type { Selection, TrainingEvent } from './selection.ts'

interface State {
  readonly target: number
  /** Running losses that rank the samples, encoded. */
  readonly losses: string
  /** Recent losses; they are taken in when the ranks are computed anew. */
  readonly recent: readonly SampleLosses[]
}

/** Ranked losses with the range that is dealt. */
interface Ranking {
  readonly losses: RunningLosses
  /** Known losses, the smallest first. */
  readonly sorted: Float32Array
  /** Smallest and largest loss that is dealt. */
  readonly from: number
  readonly to: number
}

/**
 * Progressive difficulty by the running loss of each sample, as its rank. A sample that was never trained on is always
 * dealt, so the first pass deals every sample. Ranks are computed anew when the target moves, and when the count of new
 * losses reaches the count of samples near to it.
 */
export class LossDifficultySelection implements Selection<State> {
  readonly initial: State
  readonly #parameters: ProgressiveDifficulty
  #known: { losses: string; target: number; ranking: Ranking } | undefined

  constructor(parameters: ProgressiveDifficulty) {
    this.#parameters = parameters
    this.initial = { target: parameters.start, losses: '', recent: [] }
  }

  after(state: State, event: TrainingEvent): State {
    if ('performance' in event) {
      const target = nextTarget(state.target, event.performance, this.#parameters)
      return target === state.target ? state : this.#ranked({ ...state, target })
    }
    const recent = [...state.recent, event]
    const count = recent.reduce((sum, { ordinals }) => sum + ordinals.length, 0)
    const near = this.#parameters.share * this.#rankingOf(state).sorted.length
    return count >= near ? this.#ranked({ ...state, recent }) : { ...state, recent }
  }

  accepts(state: State, ordinal: number): boolean {
    const { losses, from, to } = this.#rankingOf(state)
    const loss = losses[ordinal] ?? Number.NaN
    return Number.isNaN(loss) || (loss >= from && loss <= to)
  }

  difficulty(state: State, ordinal: number): number | undefined {
    const { losses, sorted } = this.#rankingOf(state)
    const loss = losses[ordinal] ?? Number.NaN
    return Number.isNaN(loss) ? undefined : placeOf(sorted, loss) / Math.max(1, sorted.length - 1)
  }

  numbers({ target }: State): Readonly<Record<string, number>> {
    return { targetDifficulty: target }
  }

  #ranked(state: State): State {
    return {
      ...state,
      losses: encodeLosses(withLosses(decodeLosses(state.losses), state.recent)),
      recent: [],
    }
  }

  #rankingOf({ losses, target }: State): Ranking {
    if (this.#known?.losses !== losses || this.#known.target !== target)
      this.#known = { losses, target, ranking: rank(decodeLosses(losses), target, this.#parameters.share) }
    return this.#known.ranking
  }
}

/** Rank losses and find those nearest in rank to the target. */
function rank(losses: RunningLosses, target: number, share: number): Ranking {
  const sorted = losses.filter((loss) => !Number.isNaN(loss)).sort()
  const count = Math.min(sorted.length, Math.max(1, Math.ceil(share * sorted.length)))
  const middle = target * (sorted.length - 1)
  const first = Math.min(sorted.length - count, Math.max(0, Math.round(middle - (count - 1) / 2)))
  return { losses, sorted, from: sorted[first] ?? 0, to: sorted[first + count - 1] ?? 0 }
}

/** Count of values in `sorted` that are smaller than `loss`. */
function placeOf(sorted: Float32Array, loss: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < loss) low = middle + 1
    else high = middle
  }
  return low
}
