import { ConfigError } from '../../core/index.ts'
import { abiOf, versionOf } from './bindings.ts'
import { findLibrary } from './library.ts'

/** MPI library of this machine, as far as it can be told without joining anybody. */
export interface InstalledMpi {
  /** File or name by which it was found. */
  readonly path: string
  /** First line of what the library says of itself. */
  readonly version: string
  /** Kind of its handles; undefined for a library that members cannot use. */
  readonly abi: ReturnType<typeof abiOf>
}

/**
 * Look for the MPI library that members would use; it is loaded into this process.
 * @returns The library, or the reason why there is none, as a clause.
 */
export function installedMpi(environment: NodeJS.ProcessEnv = process.env): InstalledMpi | string {
  const named = environment.VISUOMOTOR_MPI
  try {
    const library = findLibrary({ kind: undefined }, named)
    const [version = ''] = versionOf(library).split('\n')
    return { path: library.path, version, abi: abiOf(version) }
  } catch (error) {
    if (error instanceof ConfigError && error.code === 'mpi/platform') return error.message
    return named ? `VISUOMOTOR_MPI names ${named}, which is no MPI library` : 'not found'
  }
}
