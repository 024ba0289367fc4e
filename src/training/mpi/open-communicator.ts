import { ConfigError } from '../../core/index.ts'
import { alone, type Communicator } from '../communicator.ts'
import { Mpi } from './bindings.ts'
import { MpiCommunicator } from './communicator.ts'
import { type Launch, launchOf, tasksApart } from './launch.ts'
import { findLibrary } from './library.ts'

/** Seconds for which a member waits for another one by default. */
const patience = 300

/** The least that may be asked for: twice the period in which rank 0 says that it is at work. */
const leastPatience = 10

let joined: MpiCommunicator | undefined

/** The communicator that this process has joined; undefined for a process that is alone, or has left. */
export const joinedCommunicator = (): MpiCommunicator | undefined => joined

/**
 * The communicator of this process: `alone`, unless `mpirun` or `srun` started it as one of several; then members over the MPI
 * library, which is loaded now. Environment: VISUOMOTOR_MPI names the library's file; VISUOMOTOR_MPI_TIMEOUT is the number of
 * seconds without an answer after which a run ends, default 300.
 *
 * @throws ConfigError `mpi/library`, `mpi/launcher` when library and launcher are of different kinds or `srun` lets
 * its tasks not meet, `mpi/platform`, `mpi/threads`, `mpi/timeout`.
 */
export function openCommunicator(
  launch: Launch | undefined = launchOf(),
  environment: NodeJS.ProcessEnv = process.env,
): Communicator {
  if (!launch) return aloneIn(environment)
  if (!joined) {
    joined = join(launch, environment)
    process.once('beforeExit', () => void closeCommunicator())
  }
  return joined
}

function aloneIn(environment: NodeJS.ProcessEnv): Communicator {
  const tasks = tasksApart(environment)
  if (tasks === undefined) return alone
  const message =
    `srun started ${tasks} tasks that cannot find each other, so that each would train by itself, in the same directory: add ` +
    '--mpi=pmix (srun --mpi=list shows what there is), or unset SLURM_STEP_NUM_TASKS where each has a training of its own'
  throw new ConfigError('mpi/launcher', message, { tasks })
}

/** Leave the other members in good order, when all of them do. */
export async function closeCommunicator(): Promise<void> {
  const leaving = joined
  joined = undefined
  await leaving?.close()
}

function join(launch: Launch, environment: NodeJS.ProcessEnv): MpiCommunicator {
  const seconds = timeoutOf(environment.VISUOMOTOR_MPI_TIMEOUT)
  const library = findLibrary(launch, environment.VISUOMOTOR_MPI)
  const mpi = new Mpi(library)
  if (launch.size === undefined || mpi.size === launch.size) return new MpiCommunicator(mpi, seconds)
  mpi.finalize()
  const found = mpi.version.split('\n')[0]
  throw new ConfigError(
    'mpi/launcher',
    `${launch.kind ?? 'the launcher'} started ${launch.size} members, but ${library.path} (${found}) sees ${mpi.size}: name the ` +
      'library of the same installation as mpirun by VISUOMOTOR_MPI, or take the mpirun of this library',
    { started: launch.size, seen: mpi.size, library: library.path },
  )
}

function timeoutOf(text: string | undefined): number {
  if (text === undefined || text === '') return patience
  const seconds = Number(text)
  if (seconds >= leastPatience && seconds <= 86400) return seconds
  const message = `VISUOMOTOR_MPI_TIMEOUT is '${text}'; it is a number of seconds from ${leastPatience} to 86400`
  throw new ConfigError('mpi/timeout', message, { value: text })
}
