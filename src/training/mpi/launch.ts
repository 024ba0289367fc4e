/** Launch of several processes as members of one run. */
export interface Launch {
  /** Number of members, as far as the launcher told it. */
  readonly size: number | undefined
  /** Kind of library that the launcher belongs to; undefined for a launcher that serves both, such as `srun`. */
  readonly kind: 'Open MPI' | 'MPICH' | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/** Variables by which launchers tell a process that it is one of several: `mpirun` of both libraries, `srun` with PMI-2 or PMIx, or without. */
const ofLaunchers = /^(OMPI_|PMIX_|PMI_|SLURM_STEP_NUM_TASKS$)/

/**
 * The launch of this process by `mpirun` or `srun`; undefined for a process that nobody started as one of several.
 *
 * `srun` alone sets SLURM_NTASKS also for a single process in an allocation of several: it counts only together with a
 * place to meet, which `--mpi=pmi2` and `--mpi=pmix` name.
 */
export function launchOf(environment: Environment = process.env): Launch | undefined {
  const { OMPI_COMM_WORLD_SIZE, PMI_SIZE, PMIX_RANK, PMI_RANK, SLURM_NTASKS } = environment
  if (OMPI_COMM_WORLD_SIZE !== undefined) return launch(OMPI_COMM_WORLD_SIZE, 'Open MPI')
  if (PMI_SIZE !== undefined) return launch(PMI_SIZE, SLURM_NTASKS === undefined ? 'MPICH' : undefined)
  if (PMIX_RANK === undefined && PMI_RANK === undefined) return undefined
  return launch(SLURM_NTASKS, PMIX_RANK === undefined ? undefined : 'Open MPI')
}

/** Number of tasks that `srun` started without a place to meet, which cannot become members; undefined where there is one task, or a place. */
export function tasksApart(environment: Environment = process.env): number | undefined {
  const { OMPI_COMM_WORLD_SIZE, PMI_SIZE, PMIX_RANK, PMI_RANK, SLURM_STEP_NUM_TASKS } = environment
  const tasks = Number(SLURM_STEP_NUM_TASKS ?? 1)
  const isTold = [OMPI_COMM_WORLD_SIZE, PMI_SIZE, PMIX_RANK, PMI_RANK].some((value) => value !== undefined)
  return tasks > 1 && !isTold ? tasks : undefined
}

function launch(size: string | undefined, kind: Launch['kind']): Launch | undefined {
  const count = size === undefined ? undefined : Number(size)
  return count === 1 ? undefined : { size: count, kind }
}

/** The environment for a process of its own, that is no member of this one's run. */
export const withoutLaunch = (environment: Environment = process.env): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !ofLaunchers.test(name)))
