import type { MjModel } from '@mujoco/mujoco'
import { armJoints, type JointName } from '../robot/joint-names.ts'
import type { Postures } from '../robot/postures.ts'
import type { Elements } from './elements.ts'
import type { Mujoco } from './mujoco.ts'

/**
 * A robot's postures as its MJCF has them: keyframes named `table` and `floor` for the beginning of an episode,
 * `reach` for the arm. Those that it lacks are the `others`.
 */
export function keyframePostures(
  mujoco: Mujoco,
  model: MjModel,
  { joints }: Elements,
  others: Postures,
): Postures {
  const keyframe = (name: string): Record<JointName, number> | undefined => {
    const key = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_KEY.value, name)
    if (key < 0) return undefined
    const entries = Object.entries(joints).map(([joint, { position }]) => [
      joint,
      model.key_qpos[key * model.nq + position]!,
    ])
    return Object.fromEntries(entries) as Record<JointName, number>
  }
  const reach = keyframe('reach')
  return {
    start: {
      table: keyframe('table') ?? others.start.table,
      floor: keyframe('floor') ?? others.start.floor,
    },
    reach: reach
      ? (Object.fromEntries(armJoints.map((name) => [name, reach[name]])) as Postures['reach'])
      : others.reach,
  }
}
