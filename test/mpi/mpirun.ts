import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

export const launchers = ['mpirun.openmpi', 'mpirun.mpich'] as const
export type Launcher = (typeof launchers)[number]

/** The launchers that are installed, under the names that Debian gives them. */
export const installedLaunchers = (): Launcher[] =>
  launchers.filter((name) => spawnSync(name, ['--version']).status === 0)

/** Open MPI refuses to start as root, and more members than there are cores, unless it is told to; MPICH does both. */
const allowances = {
  OMPI_ALLOW_RUN_AS_ROOT: '1',
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
  OMPI_MCA_rmaps_base_oversubscribe: '1',
  OMPI_MCA_hwloc_base_binding_policy: 'none',
}

/** The built command line. */
export const builtMain = resolve(import.meta.dirname, '../../dist/cli/main.js')

export interface Ended {
  readonly code: number | null
  readonly result: string
  readonly notes: string
  readonly seconds: number
}

export interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

/** Start members of the built command line; a single one without a launcher. */
export function startMembers(
  launcher: Launcher,
  count: number,
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Started {
  const command = [process.execPath, builtMain, ...argv]
  const [program, ...rest] = count === 1 ? command : [launcher, '-n', String(count), ...command]
  return start(program!, rest, environment)
}

/** Start a program. */
export function start(
  program: string,
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Started {
  const begin = performance.now()
  const child = spawn(program, argv, { env: { ...process.env, ...allowances, ...environment } })
  let [result, notes] = ['', '']
  child.stdout.on('data', (text) => {
    result += String(text)
  })
  child.stderr.on('data', (text) => {
    notes += String(text)
  })
  const ended = new Promise<Ended>((done) => {
    child.on('close', (code) => done({ code, result, notes, seconds: (performance.now() - begin) / 1000 }))
  })
  return { child, ended }
}
