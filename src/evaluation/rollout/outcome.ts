import type { Action } from '../../world/index.ts'

/** Tasks of policies that control the robot step by step: what commands ask for, and steps of 1/20 s until time is over. */
export const controlTasks = {
  picking: { action: 'pick', steps: 120 },
  putting: { action: 'put', steps: 180 },
  pushing: { action: 'push', steps: 140 },
  going: { action: 'go', steps: 160 },
} as const satisfies Record<string, { readonly action: Action; readonly steps: number }>
export type ControlTask = keyof typeof controlTasks

/** Tasks of rollouts. */
export const rolloutTasks = [
  'detection',
  'grasping',
  'manipulation',
  'navigation',
  'picking',
  'putting',
  'pushing',
  'going',
] as const
export type RolloutTask = (typeof rolloutTasks)[number]

/** Tell a task of policies that control the robot step by step. */
export const isControlTask = (task: RolloutTask): task is ControlTask => Object.hasOwn(controlTasks, task)

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
  /** The thing is held 5 cm above its place for 0.3 s. */
  picking: { label: 'action', settings: ['table'] },
  /** The thing lies in its relation for 0.3 s, at rest, with the gripper open. */
  putting: { label: 'action', settings: ['table'] },
  /** The thing rests 5 cm or more from its start, in the direction of the command. */
  pushing: { label: 'action', settings: ['table'] },
  /** The robot rests within 10 cm of its goal for 0.3 s. */
  going: { label: 'action', settings: ['floor'] },
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
