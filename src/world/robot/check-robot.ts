import { WorldError } from '../../core/index.ts'
import { projectPoint } from '../../data/index.ts'
import { armCollision, type Collision } from '../expert/arm-collision.ts'
import { graspFrame } from '../expert/grasp.ts'
import { InverseKinematics, reachTolerance } from '../expert/inverse-kinematics.ts'
import { type Rendering, render } from '../renderer/index.ts'
import { layouts } from '../scene/sample-scene.ts'
import type { NamedThing, Scene } from '../scene/scene.ts'
import { multiply, pointOutOf } from '../simulation/frame.ts'
import { loadMujoco, type Mujoco } from '../simulation/mujoco.ts'
import { renderState } from '../simulation/render-state.ts'
import { Simulation } from '../simulation/simulation.ts'
import type { RobotDescription } from './robot-description.ts'

/** Abilities of a robot at its table. */
export interface RobotCheck {
  /** Error that refuses the robot; then nothing else is known. */
  readonly problem?: WorldError
  readonly arm: readonly string[]
  readonly drives: boolean
  /** Collision of the arm at the beginning of an episode. */
  readonly collision?: Collision
  /** Counts of grasps over the table: tried, reached, and reached without a collision of the arm. */
  readonly reach: { readonly tried: number; readonly reached: number; readonly free: number }
  /** Grasp with the greatest error: its place, metres, and the error of the hand, metres and radians. */
  readonly worst?: {
    readonly place: readonly [number, number]
    readonly kind: string
    readonly position: number
    readonly rotation: number
  }
  /** Fraction of the object places on the table that the camera sees. */
  readonly seen: number
  /** Image of the table with objects on it, from the robot's camera. */
  readonly picture?: Rendering
}

const nothing: RobotCheck = {
  arm: [],
  drives: false,
  reach: { tried: 0, reached: 0, free: 0 },
  seen: 0,
}

/** Steps of the grid over the table, along and across. */
const steps = [0, 0.25, 0.5, 0.75, 1]

/**
 * Check a robot at its table: suitability, the arm's start posture, reachable grasps over the whole working area, and
 * the camera's view.
 * @param size Side of the image, pixels.
 */
export async function checkRobot(robot: RobotDescription, size = 256): Promise<RobotCheck> {
  const mujoco = await loadMujoco()
  try {
    const { tableHeight, ...facts } = within(mujoco, { setting: 'table', things: [] }, robot, tried)
    const picture = within(mujoco, laidTable(tableHeight), robot, (simulation) =>
      render(renderState(simulation, { width: size, height: size }), { supersample: 2, seed: 1 }),
    )
    return { ...facts, picture }
  } catch (error) {
    if (error instanceof WorldError) return { ...nothing, problem: error }
    throw error
  }
}

function within<T>(
  mujoco: Mujoco,
  scene: Scene,
  robot: RobotDescription,
  work: (simulation: Simulation) => T,
): T {
  const simulation = new Simulation(mujoco, scene, robot)
  try {
    return work(simulation)
  } finally {
    simulation.dispose()
  }
}

const places = (): (readonly [number, number])[] => {
  const {
    x: [near, far],
    halfWidth,
  } = layouts.table
  return steps.flatMap((along) =>
    steps.map((across) => {
      const x = near + along * (far - near)
      return [x, halfWidth(x) * (2 * across - 1)] as const
    }),
  )
}

const thing = (kind: NamedThing['kind'], x: number, y: number, tableHeight: number, yaw = 0): NamedThing => {
  return { kind, color: 'red', shade: [0.8, 0.15, 0.1], position: [x, y, tableHeight], yaw, scale: 1 }
}

/** Table with four objects at the corners of the working area. */
function laidTable(tableHeight: number): Scene {
  const { kinds, x: ends, halfWidth } = layouts.table
  const corners = ends.flatMap((x) => [1, -1].map((side) => [x, side * halfWidth(x)] as const))
  return {
    setting: 'table',
    things: corners.map(([x, y], i) => thing(kinds[i]!, x, y, tableHeight)),
  }
}

/** Check a robot at its empty table. */
function tried(simulation: Simulation): RobotCheck & { readonly tableHeight: number } {
  const { elements, tableHeight } = simulation
  const kinematics = new InverseKinematics(simulation)
  try {
    const collision = armCollision(simulation)
    const seen = seenPlaces(simulation)
    return {
      tableHeight,
      arm: elements.arm,
      drives: elements.drives,
      ...(collision && { collision }),
      ...reachOf(simulation, kinematics),
      seen,
    }
  } finally {
    kinematics.dispose()
  }
}

/** Fraction of the object places in the camera's image. */
function seenPlaces(simulation: Simulation): number {
  const { camera } = renderState(simulation, { width: 16, height: 16 })
  const eye = { ...camera, rotation: Array.from(camera.rotation) }
  const all = places()
  const seen = all.filter(([x, y]) => {
    const place = pointOutOf(simulation.startFrame, [x, y, simulation.tableHeight])
    return projectPoint(eye, place, 1)?.every((share) => share >= 0 && share <= 1)
  })
  return seen.length / all.length
}

/** Reach over grasps of every kind of object at every place, turned to either side. */
function reachOf(simulation: Simulation, kinematics: InverseKinematics): Pick<RobotCheck, 'reach' | 'worst'> {
  const { yaw: turns, kinds } = layouts.table
  const robot = simulation.startFrame
  const count = { tried: 0, reached: 0, free: 0 }
  let worst: RobotCheck['worst']
  for (const place of places()) {
    for (const kind of kinds) {
      for (const yaw of turns) {
        const grasp = graspFrame(thing(kind, ...place, simulation.tableHeight, yaw))
        const { reached, positionError, rotationError } = kinematics.solve({
          position: pointOutOf(robot, grasp.position),
          rotation: multiply(robot.rotation, grasp.rotation),
        })
        count.tried += 1
        if (reached) count.reached += 1
        if (reached && !armCollision(simulation)) count.free += 1
        const miss = missOf(positionError, rotationError)
        if (!reached && (!worst || miss > missOf(worst.position, worst.rotation))) {
          worst = { place, kind, position: positionError, rotation: rotationError }
        }
      }
    }
  }
  return { reach: count, ...(worst && { worst }) }
}

const missOf = (position: number, rotation: number): number =>
  position / reachTolerance.position + rotation / reachTolerance.rotation
