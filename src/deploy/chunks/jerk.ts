import { ConfigError } from '../../core/index.ts'
import type { Chunk } from './temporal-ensembler.ts'

/** Jerk of actions, in units of the actions a second cubed. */
export interface SeamJerk {
  /** Mean over the steps whose four actions stand across a seam; 0 where there is none. */
  readonly atSeams: number
  /** Mean over the other steps; 0 where there is none. */
  readonly elsewhere: number
}

/**
 * Jerk of each step of a sequence of actions: the length of the third difference, (aₜ₊₃ − 3aₜ₊₂ + 3aₜ₊₁ − aₜ)/period³, from t = 0 on.
 * @param period Seconds between two actions. @throws ConfigError `deploy/chunk` for a period that is not above 0.
 */
export function jerks(actions: Chunk, period: number): number[] {
  if (!(period > 0))
    throw new ConfigError('deploy/chunk', `a period of ${period} s: it must be above 0`, { period })
  return actions.slice(3).map((last, t) => {
    const [a, b, c] = actions.slice(t, t + 3) as [readonly number[], readonly number[], readonly number[]]
    return Math.hypot(...last.map((value, i) => (value - 3 * c[i]! + 3 * b[i]! - a[i]!) / period ** 3))
  })
}

/**
 * Jerk where one chunk follows another, and where none does: of smooth seams both are alike.
 * @param seams Steps that are the first of a new chunk.
 */
export function seamJerk(actions: Chunk, seams: readonly number[], period: number): SeamJerk {
  const all = jerks(actions, period)
  const isAtSeam = (t: number) => seams.some((seam) => seam > t && seam <= t + 3)
  return {
    atSeams: mean(all.filter((_, t) => isAtSeam(t))),
    elsewhere: mean(all.filter((_, t) => !isAtSeam(t))),
  }
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
