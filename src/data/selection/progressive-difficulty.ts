import { z } from 'zod'
import { checkedSampler } from './checked-sampler.ts'

const fraction = z.number().min(0).max(1)

export const progressiveDifficultySchema = z
  .strictObject({
    kind: z.literal('progressiveDifficulty'),
    metric: z.string(),
    by: z.enum(['measure', 'loss']).default('measure'),
    start: fraction.default(0.3),
    step: fraction.default(0.05),
    raiseAbove: fraction.default(0.8),
    lowerBelow: fraction.default(0.5),
    least: fraction.default(0.1),
    most: fraction.default(1),
    share: fraction.positive().default(0.25),
  })
  .refine(({ lowerBelow, raiseAbove }) => lowerBelow <= raiseAbove, 'lowerBelow must not exceed raiseAbove')
  .refine(
    ({ least, start, most }) => least <= start && start <= most,
    'start must lie between least and most',
  )

/** Parameters of `progressiveDifficulty`. */
export type ProgressiveDifficulty = z.output<typeof progressiveDifficultySchema>

export interface ProgressiveDifficultyOptions {
  /** Metric of the validation that decides, by its path: `imageToText.R@5`. Percentages count as fractions. */
  readonly metric: string
  /**
   * Measure of difficulty. `measure` (default): by `difficultyOf`. `loss`: by the running loss of each sample in
   * training, as its rank among the samples trained on so far: 0 is the smallest loss, 1 the largest.
   */
  readonly by?: 'measure' | 'loss'
  /** Initial target. Default 0.3. */
  readonly start?: number
  /** Step of the target at a validation. Default 0.05. */
  readonly step?: number
  /** Value of the metric above which the target rises. Default 0.8. */
  readonly raiseAbove?: number
  /** Value of the metric below which the target falls. Default 0.5. */
  readonly lowerBelow?: number
  /** Bounds of the target. Default 0.1 and 1. */
  readonly least?: number
  readonly most?: number
  /** Fraction of the samples that is dealt, nearest to the target. Default 0.25. */
  readonly share?: number
}

/**
 * Progressive difficulty: a selection of the samples nearest to a target difficulty. The target rises when the
 * validation is good and falls when it is bad.
 * @throws ConfigError `data/sampler` for a number outside [0, 1], bounds in the wrong order or an unknown key.
 */
export const progressiveDifficulty = (options: ProgressiveDifficultyOptions): ProgressiveDifficulty =>
  checkedSampler(progressiveDifficultySchema, { kind: 'progressiveDifficulty', ...options })

/** The target after a validation. */
export function nextTarget(target: number, performance: number, parameters: ProgressiveDifficulty): number {
  const { step, raiseAbove, lowerBelow, least, most } = parameters
  const change = performance > raiseAbove ? step : performance < lowerBelow ? -step : 0
  const moved = Math.min(most, Math.max(least, target + change))
  return Math.round(moved * 1e9) / 1e9 // 0.3 + 0.05 is 0.35, and reads so
}
