import { setTimeout } from 'node:timers/promises'
import { ConfigError, errorLine, exitCodeOf, VisuomotorError } from '../../core/index.ts'
import { flatten } from '../../report/index.ts'
import { alone, type Communicator, joinedCommunicator, openCommunicator } from '../../training/index.ts'
import type { Recipe } from '../recipe/schema.ts'

/** Milliseconds for which other ranks let rank 0 speak, which then ends them: an error that all have is told once. */
const courtesy = 1500

/** The members of this process's run; `alone` for a process that did not join any. */
export const members = (): Communicator => joinedCommunicator() ?? alone

/**
 * Do the work of a run, as one member where `mpirun` or `srun` started several. An error of one ends all of them with one message
 * that names its rank and host.
 * @throws Errors of `openCommunicator`; those of the work, for a process that is alone.
 */
export async function asMember<T>(work: (communicator: Communicator) => Promise<T>): Promise<T> {
  const communicator = openCommunicator()
  try {
    return await work(communicator)
  } catch (error) {
    if (communicator.size === 1) throw error
    return endAll(error)
  }
}

async function endAll(error: unknown): Promise<never> {
  const member = joinedCommunicator()
  if (!member) throw error
  if (member.rank > 0) await setTimeout(courtesy)
  const isOwn = error instanceof VisuomotorError
  const text = isOwn ? errorLine(error) : ((error as Error).stack ?? String(error))
  process.stderr.write(`${member.name}: ${text}\n`)
  member.abort(isOwn ? exitCodeOf(error) : 1)
  return new Promise<never>(() => {}) // the library ends this process, or a timer does
}

/**
 * Refuse what several members cannot do together.
 * @throws ConfigError `mpi/recipe`.
 */
export function requireShareable(recipe: Recipe, { size }: Communicator): void {
  if (size === 1) return
  const { batches, stages, distillation, machine, supernet } = recipe
  const problems = [
    batches.size < size && `batches.size is ${batches.size}: a batch has at least one sample for each member`,
    stages && 'stages are trained by one process',
    supernet && 'a supernet is trained by one process',
    distillation?.store &&
      'distillation.store is written by one process: store the outputs by a run of one, or leave it out',
    distillation?.control && 'distillation.control is trained by one process: leave it out',
    machine.memoryBudget !== undefined &&
      batches.adapt === 'size' &&
      "batches.adapt 'size' would give members different batches: take 'microSize'",
  ].filter((problem) => typeof problem === 'string')
  if (problems.length === 0) return
  const message = `${size} members were started, but ${problems.join('; ')}`
  throw new ConfigError('mpi/recipe', message, { size, problems })
}

/**
 * Require that all members train by one recipe; only `machine` may be another on each.
 * @throws ConfigError `mpi/recipe`, naming the first value that differs.
 */
export async function requireSameRecipe(recipe: Recipe, communicator: Communicator): Promise<void> {
  const { rank, size } = communicator
  if (size === 1) return
  const own = leavesOf(recipe)
  const text = Buffer.from(await communicator.broadcast(Buffer.from(JSON.stringify([...own])))).toString()
  const first = new Map(JSON.parse(text) as [string, string][])
  const path = [...first.keys(), ...own.keys()].find((path) => first.get(path) !== own.get(path))
  if (path === undefined) return
  const told = (values: ReadonlyMap<string, string>) => values.get(path)?.slice(0, 100) ?? 'not there'
  const message =
    `members have other recipes: ${path} is ${told(own)} for rank ${rank}, and ${told(first)} for rank 0; start all of them ` +
    'with the same recipe, options and files'
  throw new ConfigError('mpi/recipe', message, { rank, path })
}

/** Values of a recipe by their paths, as JSON, without those of the machine. */
function leavesOf({ machine: _, ...recipe }: Recipe): Map<string, string> {
  const plain: unknown = JSON.parse(JSON.stringify(recipe))
  return new Map(flatten(plain).map(([path, value]) => [path, JSON.stringify(value)]))
}
