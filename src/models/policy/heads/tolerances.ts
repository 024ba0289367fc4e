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
