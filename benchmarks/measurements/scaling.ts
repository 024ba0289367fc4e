import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sizeOf } from '../../src/core/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { requireEqualLoss } from '../agreement.ts'
import { modelOf, writeCase } from '../case-files.ts'
import type { Case } from '../cases.ts'
import { type MemberCosts, type Projection, projections } from '../scaling-projection.ts'
import { median } from '../statistics.ts'
import { progress } from './progress.ts'

/** What a process of members is told. */
export interface MembersTask {
  /** Of the case: config, weights, batch. */
  readonly directory: string
  /** Members; told to PyTorch only, ours ask their launcher. */
  readonly size: number
  /** Threads of each member. */
  readonly threads: number
  readonly steps: number
  /** File for the report of rank 0. */
  readonly out: string
}

/** What rank 0 measured. */
export interface MembersReport {
  /** Of the first steps. */
  readonly losses: readonly number[]
  readonly milliseconds: readonly number[]
  readonly communicatingSeconds?: number
  readonly waitingSeconds?: number
  readonly bytes?: number
}

/** Steps a second of a way to train one batch, and what its communication takes, as shares of the time and in bytes. */
export interface ScalingResult {
  readonly stepsPerSecond: number
  readonly communicatingShare?: number
  readonly waitingShare?: number
  readonly bytesPerStep?: number
}

export interface ScalingMeasurement {
  readonly entrants: Readonly<Record<string, ScalingResult | { readonly skipped: string }>>
  /** What many members would take by these numbers; undefined where ours could not be measured. */
  readonly projections?: readonly Projection[]
}

/** A way to train: its members, their threads, and the command that starts them all. */
interface Entrant {
  readonly name: string
  readonly size: number
  readonly threads: number
  readonly command: readonly string[]
}

/** Turns of each entrant, each in processes of their own. */
const turns = 3

const ours = [process.execPath, '--import', 'tsx/esm', join(import.meta.dirname, '../contestants/members.ts')]
const torch = [
  process.env.VISUOMOTOR_PYTHON ?? 'python3',
  join(import.meta.dirname, '../peers/torch_members.py'),
]

const entrants: readonly Entrant[] = [
  { name: 'one thread', size: 1, threads: 1, command: ours },
  { name: 'two threads', size: 1, threads: 2, command: ours },
  { name: '2 members, Open MPI', size: 2, threads: 1, command: ['mpirun.openmpi', '-n', '2', ...ours] },
  { name: '2 members, MPICH', size: 2, threads: 1, command: ['mpirun.mpich', '-n', '2', ...ours] },
  { name: 'PyTorch, one thread', size: 1, threads: 1, command: torch },
  { name: 'PyTorch, two threads', size: 1, threads: 2, command: torch },
  { name: 'PyTorch DDP, 2 processes', size: 2, threads: 1, command: torch },
]

/** @param steps Steps of a turn. */
export async function measureScaling(
  directory: string,
  given: Case,
  steps: number,
): Promise<ScalingMeasurement> {
  writeCase(directory, given)
  const reports = new Map<string, MembersReport[]>(entrants.map(({ name }) => [name, []]))
  const skipped: Record<string, { skipped: string }> = {}
  let expected: readonly number[] | undefined
  for (let turn = 0; turn < turns; turn++) {
    for (const [i] of entrants.entries()) {
      const entrant = entrants[(i + turn) % entrants.length]!
      if (skipped[entrant.name]) continue
      progress(`scaling: ${entrant.name}, turn ${turn + 1} of ${turns}`)
      try {
        const report = await runEntrant(entrant, directory, steps)
        expected ??= report.losses
        for (const [step, loss] of report.losses.entries())
          requireEqualLoss(`its loss of step ${step + 1}`, loss, expected[step]!)
        reports.get(entrant.name)!.push(report)
        progress(`scaling: ${summary([report]).stepsPerSecond.toFixed(2)} steps a second`)
      } catch (error) {
        skipped[entrant.name] = { skipped: (error as Error).message }
      }
    }
  }
  const results = Object.fromEntries(
    entrants.map(({ name }) => [name, skipped[name] ?? summary(reports.get(name)!)] as const),
  )
  const costs = costsOf(results, given)
  return { entrants: results, ...(costs && { projections: projections(costs) }) }
}

/** Costs of a member: the step of one thread, and the bytes of two, of which a member's features are a part. */
function costsOf(results: ScalingMeasurement['entrants'], { config }: Case): MemberCosts | undefined {
  const [alone, together] = [results['one thread'], results['2 members, Open MPI']]
  if (!alone || !together || 'skipped' in alone || 'skipped' in together) return undefined
  const gradients = 4 * parametersOf(config)
  return {
    compute: 1000 / alone.stepsPerSecond,
    gradients,
    // Each of two members gathered the features of half the batch.
    features: 2 * Math.max(0, together.bytesPerStep! - gradients),
  }
}

const parametersOf = (config: Case['config']): number =>
  Array.from(namedParameters(modelOf({ config, tuning: 'full' })).values(), ({ shape }) =>
    sizeOf(shape),
  ).reduce((sum, size) => sum + size, 0)

/** Open MPI refuses root and, with fewer cores, so many members; binding would put all threads of a member on one core. */
const allowances = {
  OMPI_ALLOW_RUN_AS_ROOT: '1',
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1',
  OMPI_MCA_rmaps_base_oversubscribe: '1',
  OMPI_MCA_hwloc_base_binding_policy: 'none',
}

async function runEntrant(
  { size, threads, command: [program, ...argv] }: Entrant,
  directory: string,
  steps: number,
): Promise<MembersReport> {
  const out = join(directory, `report-${process.hrtime.bigint()}.json`)
  const task: MembersTask = { directory, size, threads, steps, out }
  const env = { ...process.env, ...allowances, OMP_NUM_THREADS: String(threads) }
  const child = spawn(program!, [...argv, JSON.stringify(task)], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (text) => {
    errors = (errors + String(text)).slice(-2000)
  })
  const code = await new Promise<number | null>((resolve) => {
    child.on('error', ({ message }) => {
      errors = message
      resolve(1)
    })
    child.on('close', resolve)
  })
  if (code !== 0) throw new Error(`it ended with ${code}: ${errors.trim().split('\n').at(-1) ?? ''}`)
  return JSON.parse(readFileSync(out, 'utf8')) as MembersReport
}

function summary(reports: readonly MembersReport[]): ScalingResult {
  const milliseconds = reports.flatMap((report) => report.milliseconds)
  const seconds = milliseconds.reduce((sum, each) => sum + each, 0) / 1000
  const sumOf = (key: 'communicatingSeconds' | 'waitingSeconds' | 'bytes') =>
    reports.every((report) => report[key] !== undefined)
      ? reports.reduce((sum, report) => sum + report[key]!, 0)
      : undefined
  const [communicating, waiting, bytes] = [
    sumOf('communicatingSeconds'),
    sumOf('waitingSeconds'),
    sumOf('bytes'),
  ]
  return {
    stepsPerSecond: 1000 / median(milliseconds),
    ...(communicating !== undefined && { communicatingShare: communicating / seconds }),
    ...(waiting !== undefined && { waitingShare: waiting / seconds }),
    ...(bytes !== undefined && { bytesPerStep: bytes / milliseconds.length }),
  }
}
