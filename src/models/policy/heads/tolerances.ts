import { z } from 'zod'

const positive = z.number().positive()
const degrees = Math.PI / 180

/** Limits of success, in physical units. */
export interface Tolerances {
  /** Least intersection over union of a box that counts as found, exclusive. */
  readonly overlap: number
  /** Largest distance of a grasp, in metres, and its largest angle, in radians. */
  readonly graspPosition: number
  readonly graspRotation: number
  /** Largest distance of a position, in metres. */
  readonly position: number
  /** Largest error of any joint, in radians. */
  readonly joint: number
  /** Largest error of any value of a regression, in its unit. */
  readonly number: number
}

/** Schema of tolerances. Defaults: overlap 0.5; grasps 2 cm and 15°; positions 10 cm; joints and other numbers 0.1. */
export const tolerancesSchema = z.strictObject({
  overlap: z.number().min(0).lt(1).default(0.5),
  graspPosition: positive.default(0.02),
  graspRotation: positive.default(15 * degrees),
  position: positive.default(0.1),
  joint: positive.default(0.1),
  number: positive.default(0.1),
})
