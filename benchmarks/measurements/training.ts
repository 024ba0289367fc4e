import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Shape } from '../../src/core/index.ts'
import { halfTolerance, requireEqualGradients, requireEqualLoss, tolerance } from '../agreement.ts'
import { writeCase } from '../case-files.ts'
import type { Case } from '../cases.ts'
import { Child, ChildFailure } from '../child.ts'
import { type ContestantName, contestantLaunch, contestantNames, patience } from '../contestants.ts'
import type { MatrixProduct } from '../floating-point-operations.ts'
import { alternate, stepsPerTurn } from '../rounds.ts'
import { median } from '../statistics.ts'
import { GemmLimit, type GemmRate } from './gemm-limit.ts'
import { progress } from './progress.ts'

/** What a contestant reached, or why it did not compete. */
export type TrainingResult =
  | { readonly skipped: string }
  | {
      readonly samplesPerSecond: number
      readonly stepMilliseconds: number
      /** Resident set; undefined where the system does not tell. */
      readonly peakMemoryBytes: number | undefined
      /** From the start of the process, weights read, everything compiled. */
      readonly firstStepMilliseconds: number
      /** Ours only: clipping and optimizer, part of the step. */
      readonly updateMilliseconds?: number
    }

export interface TrainingMeasurement {
  readonly contestants: Readonly<Partial<Record<ContestantName, TrainingResult>>>
  /** Of one step of ours: its matrix products. */
  readonly operations: number
  readonly gemm: readonly GemmRate[]
}

const firstReply = z.object({ loss: z.number(), version: z.string().optional() })
const stepsReply = z.object({
  milliseconds: z.array(z.number()),
  losses: z.array(z.number()),
  updateMilliseconds: z.array(z.number()).default([]),
})
const product = z.object({
  op: z.enum(['gemm', 'matmul']),
  rows: z.number(),
  inner: z.number(),
  columns: z.number(),
  transposeA: z.boolean(),
  transposeB: z.boolean(),
  count: z.number(),
}) satisfies z.ZodType<MatrixProduct>
const workReply = z.object({ operations: z.number(), products: z.array(product) })

/** A contestant that has made its first steps. */
interface Entrant {
  readonly name: ContestantName
  readonly child: Child
  readonly firstStepMilliseconds: number
  readonly losses: readonly number[]
  readonly times: number[]
  readonly updateTimes: number[]
}

/**
 * Train one case with every contestant, in turns, and between them let libraries multiply the same matrices.
 * @param directory For the files of the case.
 */
export async function measureTraining(
  directory: string,
  given: Case,
  names: readonly ContestantName[] = contestantNames,
): Promise<TrainingMeasurement> {
  const { batchSize } = given
  const parameters = writeCase(directory, given)
  const shapes = Array.from(parameters, ([name, { shape }]) => [name, shape] as const)
  const ours = await enter('visuomotor', directory)
  const results: Partial<Record<ContestantName, TrainingResult>> = {}
  const entrants: Entrant[] = [ours]
  for (const name of names.filter((name) => name !== 'visuomotor')) {
    const entrant = await attempt(() => enterPeer(name, directory, ours, shapes))
    if ('skipped' in entrant) results[name] = entrant
    else entrants.push(entrant)
  }
  const work = await ours.child.ask({}, workReply)
  const limit = await GemmLimit.prepare(work.products)
  progress(`taking turns: ${entrants.map(({ name }) => name).join(', ')}`)
  const turns = entrants.map((entrant) => () => takeTurn(entrant, results))
  await alternate([...turns, () => limit.turn()])
  for (const entrant of entrants) {
    results[entrant.name] ??= resultOf(entrant, batchSize)
    await entrant.child.end()
  }
  return { contestants: results, operations: work.operations, gemm: await limit.end() }
}

/** Start a contestant and let it make its first steps. @throws ChildFailure */
async function enter(name: ContestantName, directory: string): Promise<Entrant> {
  progress(`${name}: first steps`)
  const start = performance.now()
  const task = { directory, mode: 'train', gradients: join(directory, name) } as const
  const child = new Child(contestantLaunch(name, task))
  const { loss } = await child.reply(firstReply, patience[name])
  const firstStepMilliseconds = performance.now() - start
  const warmUp = await child.ask({ steps: 2 }, stepsReply)
  return { name, child, firstStepMilliseconds, losses: [loss, ...warmUp.losses], times: [], updateTimes: [] }
}

/** Enter a peer if it computes what we do. @throws ChildFailure */
async function enterPeer(
  name: ContestantName,
  directory: string,
  ours: Entrant,
  shapes: readonly (readonly [string, Shape])[],
): Promise<Entrant> {
  const peer = await enter(name, directory)
  const allowed = name === 'torchBf16' ? halfTolerance : tolerance
  try {
    requireEqualGradients(join(directory, name), join(directory, 'visuomotor'), shapes, allowed)
    peer.losses.forEach((loss, i) => {
      requireEqualLoss(`its loss in step ${i + 1}`, loss, ours.losses[i]!, allowed)
    })
    return peer
  } catch (error) {
    await peer.child.end()
    throw error
  } finally {
    rmSync(join(directory, name))
  }
}

async function attempt<T extends object>(work: () => Promise<T>): Promise<T | { skipped: string }> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ChildFailure)) throw error
    progress(`  skipped: ${error.message}`)
    return { skipped: error.message }
  }
}

async function takeTurn(
  { name, child, times, updateTimes }: Entrant,
  results: Partial<Record<ContestantName, TrainingResult>>,
): Promise<void> {
  if (results[name]) return
  const reply = await attempt(() => child.ask({ steps: stepsPerTurn }, stepsReply))
  if ('skipped' in reply) {
    results[name] = reply
    return
  }
  times.push(...reply.milliseconds)
  updateTimes.push(...reply.updateMilliseconds)
}

function resultOf(
  { child, firstStepMilliseconds, times, updateTimes }: Entrant,
  batchSize: number,
): TrainingResult {
  const stepMilliseconds = median(times)
  return {
    samplesPerSecond: (batchSize / stepMilliseconds) * 1000,
    stepMilliseconds,
    peakMemoryBytes: child.peakMemoryBytes,
    firstStepMilliseconds,
    ...(updateTimes.length > 0 && { updateMilliseconds: median(updateTimes) }),
  }
}
