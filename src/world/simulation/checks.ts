import type { MjModel } from '@mujoco/mujoco'
import { WorldError } from '../../core/index.ts'
import { baseJoints, type JointName } from '../robot/joint-names.ts'
import type { RobotDescription } from '../robot/robot-description.ts'
import { layouts } from '../scene/sample-scene.ts'
import type { Elements, JointElement } from './elements.ts'
import { frameOf, pointInto, pointOutOf } from './frame.ts'
import type { Mujoco } from './mujoco.ts'
import type { Simulation } from './simulation.ts'

/**
 * Require a robot that drives.
 * @throws WorldError `world/fixed-base` for a robot that cannot leave its table.
 */
export function requireBase({ drives }: Pick<Elements, 'drives'>, { name }: RobotDescription): void {
  if (drives) return
  const wayOut =
    'Take the table only (data generate has --setting table), or give it base_x, base_y and base_yaw'
  throw new WorldError('world/fixed-base', `${name} stands fast, and the floor is to drive on. ${wayOut}`, {
    robot: name,
  })
}

/** Range of a step, seconds: longer ones break contacts, shorter ones make an episode take minutes. */
const timesteps = [0.0002, 0.02] as const

/**
 * Check the time step, so that no simulation seems to hang.
 * @throws WorldError `world/wrong-timestep` for one out of range.
 */
export function checkTimestep({ opt }: MjModel, robot: RobotDescription): void {
  const { timestep } = opt
  if (timestep >= timesteps[0] && timestep <= timesteps[1]) return
  throw new WorldError(
    'world/wrong-timestep',
    `the option timestep of ${robot.name} is ${timestep} s; it must be from ${timesteps[0]} to ${timesteps[1]}`,
    { robot: robot.name, timestep },
  )
}

/**
 * Check that each joint is moved by the actuator of its name, in the world's mode of control. MuJoCo's force is
 * gain·control + bias₀ + bias₁·position + bias₂·velocity: a position servo has bias₁ < 0, one of velocity bias₁ = 0 and
 * bias₂ < 0, a motor neither.
 * @throws WorldError `world/wrong-actuator` that names all unsuitable actuators.
 */
export function checkActuators(
  mujoco: Mujoco,
  model: MjModel,
  robot: RobotDescription,
  joints: ReadonlyMap<JointName, JointElement>,
): void {
  const { actuator_trntype: kinds, actuator_trnid: moves, jnt_qposadr: places } = model
  const { actuator_biastype: sorts, actuator_biasprm: biases } = model
  const perActuator = biases.length / model.nu
  const wrong = [...joints].flatMap(([name, { actuator, position }]) => {
    const moved = moves[2 * actuator]!
    if (kinds[actuator] !== mujoco.mjtTrn.mjTRN_JOINT.value) {
      return [`"${name}" moves no joint`]
    }
    if (places[moved] !== position) {
      return [`"${name}" moves joint "${mujoco.mj_id2name(model, mujoco.mjtObj.mjOBJ_JOINT.value, moved)}"`]
    }
    const [, stiffness, damping] = biases.subarray(perActuator * actuator, perActuator * actuator + 3)
    const wanted = (baseJoints as readonly string[]).includes(name) ? 'velocity' : 'position'
    const affine = sorts[actuator] === mujoco.mjtBias.mjBIAS_AFFINE.value
    const is = !affine ? 'motor' : stiffness! < 0 ? 'position' : damping! < 0 ? 'velocity' : 'motor'
    return is === wanted ? [] : [`"${name}" must be of type ${wanted}, and is like ${is}`]
  })
  if (wrong.length === 0) return
  throw new WorldError(
    'world/wrong-actuator',
    `actuators in the MJCF of ${robot.name} do not fit: ${wrong.join('; ')}. Correct them as docs/world.md says`,
    { robot: robot.name, wrong },
  )
}

/** Geom type of a box, an mjtGeom. */
const box = 6

/**
 * Check that the table's top is a level box below all places of objects.
 * @throws WorldError `world/wrong-table` with the area that it must cover.
 */
export function checkTable(simulation: Simulation): void {
  const { model, data, robot, elements, tableHeight } = simulation
  const { tabletop } = elements
  const top = frameOf(data.geom_xpos, data.geom_xmat, tabletop)
  const [halfX, halfY] = model.geom_size.subarray(3 * tabletop, 3 * tabletop + 2)
  const { x: range, halfWidth } = layouts.table
  const corners = range.flatMap((x) => [-1, 1].map((side) => [x, side * halfWidth(x), tableHeight] as const))
  const covered = corners.every((corner) => {
    const [x, y] = pointInto(top, pointOutOf(simulation.robotFrame(), corner))
    return Math.abs(x) <= halfX! && Math.abs(y) <= halfY!
  })
  const level = top.rotation[8]! > 0.999
  if (model.geom_type[tabletop] === box && level && covered) return
  const area = `from ${range[0]} to ${range[1]} m before the robot and ${halfWidth(range[0])} m to either side`
  throw new WorldError(
    'world/wrong-table',
    `the geom "tabletop" of ${robot.name} must be a level box under all places of things: ${area}`,
    { robot: robot.name, range, halfWidth: halfWidth(range[0]) },
  )
}
