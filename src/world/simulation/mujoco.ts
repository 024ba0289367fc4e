import type { MainModule } from '@mujoco/mujoco'
import { optionalPackage } from '../../core/index.ts'

declare global {
  /** A type that MuJoCo's declarations name and do not declare. */
  type Arguments = IArguments
}

/** DeepMind's WebAssembly build of MuJoCo, one instance a thread. */
export type Mujoco = MainModule

let loading: Promise<Mujoco> | undefined

/** Load MuJoCo, once in each thread (about 0.15 s). @throws ConfigError `config/package` where it is not installed. */
export function loadMujoco(): Promise<Mujoco> {
  loading ??= optionalPackage('@mujoco/mujoco', 'the simulated world', () => import('@mujoco/mujoco')).then(
    ({ default: loadModule }) => loadModule(),
  )
  return loading
}
