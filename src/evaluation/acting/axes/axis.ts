import type { Random } from '../../../core/index.ts'
import type { Posture, RenderScene, Scene, Setting, World } from '../../../world/index.ts'
import type { Episode } from '../../rollout/episode.ts'
import type { RolloutTask } from '../../rollout/outcome.ts'

/** Strengths of a perturbation, from 1, slight, to 5, severe. */
export const severities = [1, 2, 3, 4, 5] as const
export type Severity = (typeof severities)[number]

/** Change of an episode; what is missing stays as it is. */
export interface Perturbation {
  /** Objects at other places, and more of them; the first ones keep their indices. */
  readonly scene?: Scene
  /** Joints that begin elsewhere. */
  readonly posture?: Posture
  /** Change of the scene before it is drawn. */
  readonly change?: (scene: RenderScene) => RenderScene
  /** Other words of the same command. */
  readonly text?: string
  /** Control steps between image and action. */
  readonly latency?: number
}

/** One way in which the world of an evaluation differs from that of training; a row of the table. */
export interface Axis {
  /** Name in the report. */
  readonly title: string
  /** Changes of each severity, in words. */
  readonly levels: Readonly<Record<Severity, string>>
  /** Settings in which it changes anything. */
  readonly settings: readonly Setting[]
  /** Tasks in which it changes anything. Default: all. */
  readonly tasks?: readonly RolloutTask[]
  /** True if the robot's way may be another: then the expert must succeed there in physics. */
  readonly moves: boolean
  /**
   * Perturb an episode; the same stream gives the same change, and a higher severity the same one, stronger.
   * @param world World at the beginning of the episode; it may be moved.
   * @returns Undefined when no such change leaves the episode solvable.
   */
  perturb(episode: Episode, severity: Severity, random: Random, world: World): Perturbation | undefined
}

/** Descriptions of the five severities. */
export const levelsOf = (describe: (severity: Severity) => string): Axis['levels'] => ({
  1: describe(1),
  2: describe(2),
  3: describe(3),
  4: describe(4),
  5: describe(5),
})

/** A direction in space, uniform over the sphere. */
export function direction(random: Random): readonly [x: number, y: number, z: number] {
  const [x, y, z] = [random.normal(), random.normal(), random.normal()]
  const length = Math.hypot(x, y, z)
  return [x / length, y / length, z / length]
}
