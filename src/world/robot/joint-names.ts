/** What a robot's MJCF must name, so that it can be simulated here. */

/** Our arm's joints from shoulder to wrist, in the order of the label `joints`. */
export const armJoints = [
  'shoulder_pitch',
  'shoulder_roll',
  'shoulder_yaw',
  'elbow',
  'wrist_yaw',
  'wrist_pitch',
  'wrist_roll',
] as const

/** An arm of another build has `arm_1`, `arm_2` and so on in their place, from the shoulder on. */
export const numberedArmJoint = (number: number) => `arm_${number}` as const

/** The base's: two that slide and one that turns, driven by velocity. A robot that stands fast has none. */
export const baseJoints = ['base_x', 'base_y', 'base_yaw'] as const

/** Nods; positive looks down. A camera may stand fast. */
export const headJoint = 'head_pitch'

/** Each slides away from the other. */
export const fingerJoints = ['left_finger', 'right_finger'] as const

/** Of our robot. Each has an actuator of the same name: of velocity for the base, of position for the others. */
export const jointNames = [...baseJoints, headJoint, ...armJoints, ...fingerJoints] as const
export type JointName = (typeof jointNames)[number] | ReturnType<typeof numberedArmJoint>

/** A camera whose verticalFov is that of its pictures. */
export const cameraName = 'head'

/** A site between the fingertips: z points from them to the wrist, y is the direction in which they close. */
export const handSite = 'hand'

/** A box whose upper face is the table's. */
export const tableGeom = 'tabletop'
