/** Names that a robot's MJCF must have for the simulation. */

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

/** Name of a joint in an arm of another build: `arm_1`, `arm_2` and so on, from the shoulder on. */
export const numberedArmJoint = (number: number) => `arm_${number}` as const

/** Joints of the base: two slides and one hinge, driven by velocity. A fixed robot has none. */
export const baseJoints = ['base_x', 'base_y', 'base_yaw'] as const

/** Joint of the head; positive looks down. A fixed camera needs none. */
export const headJoint = 'head_pitch'

/** Joints of the fingers; each slides away from the other. */
export const fingerJoints = ['left_finger', 'right_finger'] as const

/** Joints of our robot. Each has an actuator of the same name: of velocity for the base, of position for the others. */
export const jointNames = [...baseJoints, headJoint, ...armJoints, ...fingerJoints] as const
export type JointName = (typeof jointNames)[number] | ReturnType<typeof numberedArmJoint>

/** Camera; its verticalFov is the images'. */
export const cameraName = 'head'

/** Site between the fingertips: z points from them to the wrist, y is the direction in which they close. */
export const handSite = 'hand'

/** Box with the table's surface as its upper face. */
export const tableGeom = 'tabletop'
