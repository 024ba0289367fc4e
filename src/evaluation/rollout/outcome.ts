/** What a policy may be tried at. */
export const rolloutTasks = ['detection', 'grasping', 'manipulation', 'navigation'] as const
export type RolloutTask = (typeof rolloutTasks)[number]

/** The label that a policy must predict for a task, and where the task is set. */
export const taskNeeds = {
  /** The box of the commanded thing: overlap with the right one above one half. */
  detection: { label: 'box', settings: ['table', 'floor'] },
  /** The hand's pose: within 2 cm and 15° of the right one; then carried out: the thing is taken and lifted. */
  grasping: { label: 'grasp', settings: ['table'] },
  /** Joint angles, carried out: the hand ends within 3 cm of the commanded thing. */
  manipulation: { label: 'joints', settings: ['table'] },
  /** Where to go, carried out with new looks on the way: the robot ends within 10 cm of the right place. */
  navigation: { label: 'navigation', settings: ['floor'] },
} as const

/** What counts as success: fraction, metres and radians. */
export const rolloutTolerances = {
  overlap: 0.5,
  position: 0.02,
  rotation: (15 * Math.PI) / 180,
  lift: 0.05,
} as const

/** How one trial at one task ended. */
export interface Outcome {
  readonly success: boolean
  /** Metres, radians, fractions, counts; by name. */
  readonly measures: Readonly<Record<string, number>>
  /** The code of an error that ended it, `world/unreachable` for a pose that the arm cannot take: a failure, counted. */
  readonly refusal?: string
}

/** Outcomes of one episode by task. */
export type Outcomes = Readonly<Partial<Record<RolloutTask, Outcome>>>
