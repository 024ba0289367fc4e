import loadModule, { type MainModule, type MjModel } from '@mujoco/mujoco'
import { WorldError } from '../../core/index.ts'
import type { RobotDescription } from '../robot/robot-description.ts'

/** DeepMind's WebAssembly build of MuJoCo, one instance a thread. */
export type Mujoco = MainModule

let loading: Promise<Mujoco> | undefined

/** MuJoCo, loaded once in each thread (about 0.15 s). */
export function loadMujoco(): Promise<Mujoco> {
  loading ??= loadModule()
  return loading
}

/**
 * Compile an MJCF that refers to the files of a robot. The caller deletes what is returned.
 * @throws WorldError `world/mjcf` with MuJoCo's own words.
 */
export function compileMjcf(mujoco: Mujoco, mjcf: string, robot: RobotDescription): MjModel {
  const files = new mujoco.MjVFS()
  try {
    for (const { name, bytes } of robot.files) files.addBuffer(name, bytes)
    return mujoco.MjModel.from_xml_string(mjcf, files)
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).trim().replaceAll(/\s+/g, ' ')
    throw new WorldError(
      'world/mjcf',
      `MuJoCo refuses the MJCF of ${robot.name}: ${reason}. Correct it there`,
      { robot: robot.name },
      { cause },
    )
  } finally {
    files.delete()
  }
}
