import { ConfigError } from '../../core/index.ts'
import { type ForeignLibrary, foreignLibrary } from '../../engine/index.ts'
import type { Launch } from './launch.ts'

/** Names of the libraries, as the system's loader knows them; the names of development packages last. */
const names = {
  'Open MPI': { linux: ['libmpi.so.40', 'libmpi.so'], darwin: ['libmpi.40.dylib', 'libmpi.dylib'] },
  MPICH: { linux: ['libmpich.so.12', 'libmpi.so.12', 'libmpich.so'], darwin: ['libmpi.12.dylib'] },
} as const

/** Prefixes of Homebrew, where the loader of macOS does not look by itself. */
const places = { linux: [''], darwin: ['', '/opt/homebrew/lib/', '/usr/local/lib/'] } as const

/**
 * The MPI library: the file that VISUOMOTOR_MPI names, or the first that is found by name, first those of the launcher's kind.
 * @throws ConfigError `mpi/library` when there is none, `mpi/platform` where neither library exists.
 */
export function findLibrary(
  { kind }: Pick<Launch, 'kind'>,
  named: string | undefined,
): ForeignLibrary & { readonly path: string } {
  const candidates = named ? [named] : candidatesOf(kind)
  const reasons: string[] = []
  for (const path of candidates) {
    try {
      return { ...foreignLibrary(path), path }
    } catch (error) {
      reasons.push((error as Error).message)
    }
  }
  throw missing(kind, named, reasons)
}

function candidatesOf(kind: Launch['kind']): string[] {
  const { platform } = process
  if (platform !== 'linux' && platform !== 'darwin') {
    const message = `members by MPI need Linux or macOS, and this is ${platform}: train with one process`
    throw new ConfigError('mpi/platform', message, { platform })
  }
  const kinds = kind === 'MPICH' ? (['MPICH', 'Open MPI'] as const) : (['Open MPI', 'MPICH'] as const)
  const files = kinds.flatMap((each): readonly string[] => names[each][platform])
  return files.flatMap((file) => places[platform].map((place) => `${place}${file}`))
}

function missing(kind: Launch['kind'], named: string | undefined, reasons: readonly string[]): ConfigError {
  const what = named ? `VISUOMOTOR_MPI names ${named}, which cannot be opened` : 'its library is not found'
  return new ConfigError(
    'mpi/library',
    `this process was started as one of several by ${kind ?? 'an MPI launcher'}, but ${what} (${reasons[0]}): install ` +
      'libopenmpi3 (Debian: apt install openmpi-bin) or libmpich12 (apt install mpich), the one that mpirun is of, or name ' +
      'its file by VISUOMOTOR_MPI=/path/to/libmpi.so',
    { kind, named, reasons },
  )
}
