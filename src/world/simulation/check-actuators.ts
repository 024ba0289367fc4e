import type { MjModel } from '@mujoco/mujoco'
import { WorldError } from '../../core/index.ts'
import { baseJoints, type JointName } from '../robot/joint-names.ts'
import type { RobotDescription } from '../robot/robot-description.ts'
import type { JointElement } from './elements.ts'
import type { Mujoco } from './mujoco.ts'

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
