import { z } from 'zod'
import { ConfigError, random } from '../../core/index.ts'
import { checkedSampler } from './checked-sampler.ts'
import type { Selection } from './selection.ts'

const fraction = z.number().min(0).max(1)

export const curriculumSchema = z.strictObject({
  kind: z.literal('curriculum'),
  metric: z.string(),
  thresholds: z.array(fraction).min(1).max(100).default([0.6, 0.7, 0.8, 0.85]),
  window: z.int().positive().default(5),
  keepEarlier: z.boolean().default(true),
})

/** Parameters of `curriculum`. */
export type Curriculum = z.output<typeof curriculumSchema>

export interface CurriculumOptions {
  /** Metric of the validation that decides, by its path: `imageToText.R@5`. Percentages count as fractions. */
  readonly metric: string
  /** Value of the metric that ends each stage; one stage for each threshold. Default [0.6, 0.7, 0.8, 0.85]. */
  readonly thresholds?: readonly number[]
  /** Count of validations whose mean must reach the threshold. Default 5. */
  readonly window?: number
  /** Retention of earlier stages' samples in later stages. Default true. */
  readonly keepEarlier?: boolean
}

/**
 * Curriculum from easy to hard (Bengio et al. 2009): the samples are sorted by `difficultyOf` and cut into stages of
 * equal size. Stage n deals the first n of them, or the n-th alone without `keepEarlier`. A stage ends when the mean of
 * its last `window` validations reaches its threshold. Each stage counts its own validations. After the last threshold
 * all samples are dealt. Samples of one difficulty are in an order drawn from the seed.
 * @throws ConfigError `data/sampler` for a threshold outside [0, 1] or an unknown key.
 */
export const curriculum = (options: CurriculumOptions): Curriculum =>
  checkedSampler(curriculumSchema, { kind: 'curriculum', ...options })

/** State of a curriculum: the stage is from 1 to one more than there are; then the curriculum is over. */
interface State {
  readonly stage: number
  /** Metrics of the last validations in this stage, oldest first. */
  readonly history: readonly number[]
}

/** Tolerance for a mean that is below a threshold by its rounding only. */
const rounding = 1e-9

/** @throws ConfigError `data/too-few-samples` when there are fewer samples than stages. */
export function curriculumSelection(
  { thresholds, window, keepEarlier }: Curriculum,
  difficulties: readonly number[],
  seed: number,
): Selection<State> {
  const stages = thresholds.length
  const stageOf = stagesOf(difficulties, stages, seed)
  return {
    initial: { stage: 1, history: [] },
    after(state, event) {
      if (!('performance' in event)) return state
      const history = [...state.history, event.performance].slice(-window)
      const mean = history.reduce((sum, value) => sum + value, 0) / history.length
      const reached =
        history.length === window && mean + rounding >= (thresholds[state.stage - 1] ?? Infinity)
      return reached ? { stage: state.stage + 1, history: [] } : { stage: state.stage, history }
    },
    accepts({ stage }, ordinal) {
      const own = stageOf[ordinal]
      if (own === undefined || own === 0) return false
      return keepEarlier || stage > stages ? own <= stage : own === stage
    },
    difficulty: (_, ordinal) => difficulties[ordinal],
    numbers: ({ stage }) => ({ curriculumStage: stage }),
  }
}

/** Stage of every place, counted from 1; 0 where there is no sample. */
function stagesOf(difficulties: readonly number[], stages: number, seed: number): Uint8Array {
  const usable = [...difficulties.keys()].filter((ordinal) => !Number.isNaN(difficulties[ordinal]))
  if (usable.length < stages) {
    throw new ConfigError(
      'data/too-few-samples',
      `a curriculum of ${stages} stages needs at least as many samples, there are ${usable.length}`,
      { stages, samples: usable.length },
    )
  }
  const sorted = random(seed, 'curriculum').shuffle(usable)
  sorted.sort((a, b) => difficulties[a]! - difficulties[b]!) // stable: equals stay shuffled
  const result = new Uint8Array(difficulties.length)
  for (const [rank, ordinal] of sorted.entries())
    result[ordinal] = 1 + Math.floor((rank * stages) / sorted.length)
  return result
}
