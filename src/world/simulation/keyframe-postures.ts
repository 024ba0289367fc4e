import type { MjModel } from '@mujoco/mujoco'
import { armJoints } from '../robot/joint-names.ts'
import type { Posture, Postures } from '../robot/postures.ts'
import type { Elements } from './elements.ts'
import type { Mujoco } from './mujoco.ts'

/**
 * Postures of a robot from its MJCF: keyframes named `table` and `floor` for the beginning of an episode, `reach` for
 * the arm. Missing ones come from `others`, which suit our arm; another arm reaches out from its posture at the table.
 */
export function keyframePostures(
  mujoco: Mujoco,
  model: MjModel,
  { joints, arm }: Elements,
  others: Postures,
): Postures {
  const keyframe = (name: string): Posture | undefined => {
    const key = mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_KEY.value, name)
    if (key < 0) return undefined
    const entries = Array.from(joints, ([joint, { position }]) => [
      joint,
      model.key_qpos[key * model.nq + position]!,
    ])
    return Object.fromEntries(entries) as Posture
  }
  const table = keyframe('table')
  const reach = keyframe('reach') ?? (arm === armJoints ? undefined : (table ?? {}))
  return {
    start: {
      table: table ?? others.start.table,
      floor: keyframe('floor') ?? others.start.floor,
    },
    reach: reach
      ? (Object.fromEntries(arm.map((name) => [name, reach[name] ?? 0])) as Posture)
      : others.reach,
  }
}
