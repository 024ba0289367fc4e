import { z } from 'zod'

const positive = z.number().positive()
const degrees = Math.PI / 180

/** Limits of success, in physical units. */
export const tolerances = z.strictObject({
  /** Least intersection over union of a box that counts as found, exclusive. */
  overlap: z.number().min(0).lt(1).default(0.5),
  /** Largest distance of a grasp, in metres, and its largest angle, in radians. */
  graspPosition: positive.default(0.02),
  graspRotation: positive.default(15 * degrees),
  /** Largest distance of a position, in metres. */
  position: positive.default(0.1),
  /** Largest error of any joint, in radians. */
  joint: positive.default(0.1),
  /** Largest error of any value of a regression, in its unit. */
  number: positive.default(0.1),
})

export type Tolerances = Readonly<z.output<typeof tolerances>>
