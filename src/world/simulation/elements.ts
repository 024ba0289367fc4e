import type { MjModel } from '@mujoco/mujoco'
import { WorldError } from '../../core/index.ts'
import {
  armJoints,
  baseJoints,
  cameraName,
  fingerJoints,
  handSite,
  headJoint,
  type JointName,
  numberedArmJoint,
  tableGeom,
} from '../robot/joint-names.ts'
import type { RobotDescription } from '../robot/robot-description.ts'
import type { Mujoco } from './mujoco.ts'

/** Indices of one joint into MuJoCo's arrays. */
export interface JointElement {
  /** Index into `qpos`. */
  readonly position: number
  /** Index into `qvel`, and column of Jacobians. */
  readonly velocity: number
  /** Index into `ctrl`. */
  readonly actuator: number
  /** Limits, radians or metres; infinite if the MJCF sets none. */
  readonly low: number
  readonly high: number
}

/** Named elements of a robot's model. */
export interface Elements {
  /** Joints that the robot has. */
  readonly joints: ReadonlyMap<JointName, JointElement>
  /** Names of the arm's joints, from the shoulder on. */
  readonly arm: readonly JointName[]
  /** True for a robot that drives. */
  readonly drives: boolean
  readonly camera: number
  readonly hand: number
  readonly tabletop: number
  /** Body with the robot's frame; the world for a fixed robot. */
  readonly base: number
}

/**
 * Find the elements of a robot.
 * @throws WorldError `world/missing-names` that lists all joints, actuators and the camera, site or geom that the MJCF
 * lacks, and `world/wrong-joint` for a joint that neither slides nor turns.
 */
export function findElements(mujoco: Mujoco, model: MjModel, robot: RobotDescription): Elements {
  const { mjOBJ_JOINT, mjOBJ_ACTUATOR, mjOBJ_CAMERA, mjOBJ_SITE, mjOBJ_GEOM } = mujoco.mjtObj
  const missing: string[] = []
  const find = (type: { value: number }, kind: string, name: string): number => {
    const id = mujoco.mj_name2id(model, type.value, name)
    if (id < 0) missing.push(`${kind} "${name}"`)
    return Math.max(id, 0)
  }
  const names = namesOf((name) => mujoco.mj_name2id(model, mjOBJ_JOINT.value, name) >= 0)
  const found = [...names.base, ...names.head, ...names.arm, ...fingerJoints].map((name) => ({
    name,
    joint: find(mjOBJ_JOINT, 'joint', name),
    actuator: find(mjOBJ_ACTUATOR, 'actuator', name),
  }))
  const camera = find(mjOBJ_CAMERA, 'camera', cameraName)
  const hand = find(mjOBJ_SITE, 'site', handSite)
  const tabletop = find(mjOBJ_GEOM, 'geom', tableGeom)
  if (missing.length > 0) throw missingNames(mujoco, model, robot, missing)
  const joints = found.map(
    ({ name, joint, actuator }) => [name, jointElement(model, robot, name, joint, actuator)] as const,
  )
  const yaw = found.find(({ name }) => name === 'base_yaw')
  const base = yaw === undefined ? 0 : model.jnt_bodyid[yaw.joint]!
  return { joints: new Map(joints), arm: names.arm, drives: yaw !== undefined, camera, hand, tabletop, base }
}

/** Names that a robot needs besides its fingers, as far as its sort is known. */
function namesOf(has: (name: JointName) => boolean): {
  readonly base: readonly JointName[]
  readonly head: readonly JointName[]
  readonly arm: readonly JointName[]
} {
  const arm: JointName[] = []
  while (has(numberedArmJoint(arm.length + 1))) arm.push(numberedArmJoint(arm.length + 1))
  return {
    base: baseJoints.some(has) ? baseJoints : [],
    head: has(headJoint) ? [headJoint] : [],
    arm: arm.length > 0 ? arm : armJoints,
  }
}

function jointElement(
  model: MjModel,
  robot: RobotDescription,
  name: JointName,
  joint: number,
  actuator: number,
): JointElement {
  const [slide, hinge] = [2, 3] // mjtJoint
  const type = model.jnt_type[joint]
  if (type !== slide && type !== hinge) {
    const problem = `joint "${name}" of ${robot.name} must be a slide or a hinge`
    throw new WorldError('world/wrong-joint', problem, { robot: robot.name, joint: name })
  }
  const [low, high] = model.jnt_range.subarray(2 * joint, 2 * joint + 2)
  // The bindings cannot read `jnt_limited`; a joint without limits has the range 0 to 0.
  const limited = low! < high!
  return {
    position: model.jnt_qposadr[joint]!,
    velocity: model.jnt_dofadr[joint]!,
    actuator,
    low: limited ? low! : Number.NEGATIVE_INFINITY,
    high: limited ? high! : Number.POSITIVE_INFINITY,
  }
}

function missingNames(
  mujoco: Mujoco,
  model: MjModel,
  robot: RobotDescription,
  missing: readonly string[],
): WorldError {
  const joints = Array.from({ length: model.njnt }, (_, id) =>
    mujoco.mj_id2name(model, mujoco.mjtObj.mjOBJ_JOINT.value, id),
  )
  return new WorldError(
    'world/missing-names',
    `the MJCF of ${robot.name} lacks ${missing.join(', ')}. Name them there as docs/world.md says. ` +
      `Its joints: ${joints.filter(Boolean).join(', ') || 'none with a name'}`,
    { robot: robot.name, missing },
  )
}
