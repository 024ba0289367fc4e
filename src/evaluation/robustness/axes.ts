import {
  corruption,
  corruptionNames,
  type ImageTransform,
  paraphrase,
  sensorNoise,
  synonyms,
  type TextTransform,
  typos,
} from '../../data/index.ts'
import { humanize } from '../../report/index.ts'
import type { Variation } from '../suite/subject.ts'

/** Names of what may be made worse, step by step. */
export const axisNames = ['noise', ...corruptionNames, 'typos', 'paraphrase'] as const

export type AxisName = (typeof axisNames)[number]

/** Severities of corruptions. */
export const severities = [1, 2, 3, 4, 5] as const

/** Transforms by severity: of images, or of texts. */
export type Axis =
  | { readonly of: 'images'; readonly steps: readonly (readonly ImageTransform[])[] }
  | { readonly of: 'texts'; readonly steps: readonly (readonly TextTransform[])[] }

/**
 * The axes with their transforms at severity 1, 2, …:
 *
 * - `noise`: Gaussian, of deviation 0.1, 0.2 and 0.3 where colours go from 0 to 1; three severities.
 * - `blur`, `jpeg`, `brightness`, `contrast`, `occlusion`: as `corruption`, five severities.
 * - `typos`: a typo at every character with probability 0.02, 0.05, 0.1, 0.15, 0.2.
 * - `paraphrase`: a text in a frame, and each of its phrases by a synonym, with probability 0.2, 0.4, 0.6, 0.8, 1. Colours, numbers,
 *   relations and directions stay.
 */
export const axes: Readonly<Record<AxisName, Axis>> = {
  noise: {
    of: 'images',
    steps: [0.1, 0.2, 0.3].map((deviation) => [sensorNoise({ deviation: [deviation, deviation] })]),
  },
  blur: corrupted('blur'),
  jpeg: corrupted('jpeg'),
  brightness: corrupted('brightness'),
  contrast: corrupted('contrast'),
  occlusion: corrupted('occlusion'),
  typos: {
    of: 'texts',
    steps: [0.02, 0.05, 0.1, 0.15, 0.2].map((rate) => [typos({ probability: 1, rate })]),
  },
  paraphrase: {
    of: 'texts',
    steps: [0.2, 0.4, 0.6, 0.8, 1].map((probability) => [
      paraphrase({ probability }),
      synonyms({ probability }),
    ]),
  },
}

function corrupted(name: (typeof corruptionNames)[number]): Axis {
  return { of: 'images', steps: severities.map((severity) => [corruption({ name, severity })]) }
}

/** Name of an axis for people: `JPEG`. */
export const axisTitle = (axis: AxisName): string => (axis === 'jpeg' ? 'JPEG' : humanize(axis))

/** One axis at one severity. */
export interface Condition {
  readonly axis: AxisName
  readonly severity: number
  /** `blur-3` */
  readonly variation: Variation
}

/** Conditions of these axes at those severities that each of them has, axis after axis. */
export const conditionsOf = (names: readonly AxisName[], wanted: readonly number[]): Condition[] =>
  names.flatMap((axis) =>
    wanted
      .filter((severity) => severity <= axes[axis].steps.length)
      .map((severity) => ({ axis, severity, variation: variationOf(axis, severity) })),
  )

function variationOf(axis: AxisName, severity: number): Variation {
  const { of, steps } = axes[axis]
  return { name: `${axis}-${severity}`, [of]: steps[severity - 1]! }
}
