import type { MainModule } from '@mujoco/mujoco'

declare global {
  /** A type that MuJoCo's declarations name and do not declare. */
  type Arguments = IArguments
}

/** DeepMind's WebAssembly build of MuJoCo, one instance a thread. */
export type Mujoco = MainModule

let loading: Promise<Mujoco> | undefined

/** Load MuJoCo, once in each thread (about 0.15 s). */
export function loadMujoco(): Promise<Mujoco> {
  loading ??= import('@mujoco/mujoco').then(({ default: loadModule }) => loadModule())
  return loading
}
