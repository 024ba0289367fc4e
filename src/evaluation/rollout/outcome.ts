/** Tasks of rollouts. */
export const rolloutTasks = ['detection', 'grasping', 'manipulation', 'navigation'] as const
export type RolloutTask = (typeof rolloutTasks)[number]

/** Label that a policy must predict for each task, and the settings of the task. */
export const taskNeeds = {
  /** Box of the commanded object: overlap with the right one above one half. */
  detection: { label: 'box', settings: ['table', 'floor'] },
  /**
   * Pose of the hand within 2 cm and 15° of the right one; then a trial in physics: the object is grasped and lifted.
   */
  grasping: { label: 'grasp', settings: ['table'] },
  /** Joint angles, with a trial in physics: the hand ends within 3 cm of the commanded object. */
  manipulation: { label: 'joints', settings: ['table'] },
  /**
   * Target position, with a trial in physics and new images on the way: the robot ends within 10 cm of the right place.
   */
  navigation: { label: 'navigation', settings: ['floor'] },
} as const

/** Limits of success: fraction, metres and radians. */
export const rolloutTolerances = {
  overlap: 0.5,
  position: 0.02,
  rotation: (15 * Math.PI) / 180,
  lift: 0.05,
} as const

/** Outcome of one trial at one task. */
export interface Outcome {
  readonly success: boolean
  /** Values by name: metres, radians, fractions, counts. */
  readonly measures: Readonly<Record<string, number>>
  /**
   * Code of the error that ended the trial, `world/unreachable` for a pose that the arm cannot take; counts as a
   * failure.
   */
  readonly refusal?: string
}

/** Outcomes of one episode by task. */
export type Outcomes = Readonly<Partial<Record<RolloutTask, Outcome>>>
