import { nextTarget, type ProgressiveDifficulty } from './progressive-difficulty.ts'
import type { Selection } from './selection.ts'

interface State {
  readonly target: number
}

/**
 * Progressive difficulty by the measure of `difficultyOf`. Samples as near to the target as the last one taken are
 * taken too.
 */
export function measuredDifficultySelection(
  parameters: ProgressiveDifficulty,
  difficulties: readonly number[],
): Selection<State> {
  const usable = Float64Array.from(difficulties.filter((difficulty) => !Number.isNaN(difficulty)))
  const count = Math.ceil(parameters.share * usable.length)
  let known: { target: number; radius: number } | undefined
  const radiusAround = (target: number): number => {
    if (known?.target !== target) known = { target, radius: distanceOfNearest(usable, target, count) }
    return known.radius
  }
  return {
    initial: { target: parameters.start },
    after: (state, event) =>
      'performance' in event ? { target: nextTarget(state.target, event.performance, parameters) } : state,
    accepts: ({ target }, ordinal) =>
      Math.abs((difficulties[ordinal] ?? Number.NaN) - target) <= radiusAround(target),
    difficulty: (_, ordinal) => difficulties[ordinal],
    numbers: ({ target }) => ({ targetDifficulty: target }),
  }
}

/** Distance from `target` to the last of the `count` nearest values. */
function distanceOfNearest(values: Float64Array, target: number, count: number): number {
  const distances = values.map((value) => Math.abs(value - target)).sort()
  return distances[count - 1] ?? 0
}
