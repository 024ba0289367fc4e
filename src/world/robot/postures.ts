import type { Setting } from '../scene/scene.ts'
import type { JointName } from './joint-names.ts'

/** Angles of some joints, radians; the others stay as the MJCF has them. */
export type Posture = Readonly<Partial<Record<JointName, number>>>

/** Postures of a robot. */
export interface Postures {
  /** Posture at the beginning of an episode, at the time of the image: the arm must not stand before the camera. */
  readonly start: Readonly<Record<Setting, Posture>>
  /** Posture from which the arm reaches for objects; of several answers the nearest to it is taken. */
  readonly reach: Posture
}

/** Posture with the hand beside the table, above its objects, from which the hand crosses the table on a level way. */
const armAside = {
  shoulder_pitch: -0.11,
  shoulder_roll: -0.49,
  shoulder_yaw: -0.46,
  elbow: 2.32,
  wrist_yaw: -0.4,
  wrist_pitch: -1.72,
  wrist_roll: 0.27,
  left_finger: 0.045,
  right_finger: 0.045,
}

/** Postures of our robot. */
export const ownPostures: Postures = {
  start: {
    table: { ...armAside, head_pitch: 0.88 },
    floor: { ...armAside, base_x: -1.4, base_yaw: Math.PI, head_pitch: 0.75 },
  },
  reach: {
    shoulder_pitch: 0.5,
    shoulder_roll: 0.1,
    shoulder_yaw: 0.2,
    elbow: 1.2,
    wrist_yaw: 0,
    wrist_pitch: -1.6,
    wrist_roll: 0,
  },
}
