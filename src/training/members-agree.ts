import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { CheckpointError, TrainingError } from '../core/index.ts'
import type { Arena } from '../engine/index.ts'
import type { Communicator } from './communicator.ts'

/**
 * Require that all members find the same newest checkpoint.
 * @throws CheckpointError `mpi/different-checkpoints`.
 */
export async function requireSameCheckpoint(
  checkpoint: string | undefined,
  communicator: Communicator,
): Promise<void> {
  const own = checkpoint === undefined ? 'no checkpoint' : `checkpoint ${basename(checkpoint)}`
  const ofFirst = Buffer.from(await communicator.broadcast(Buffer.from(own))).toString()
  if (ofFirst === own) return
  throw new CheckpointError(
    'mpi/different-checkpoints',
    `rank ${communicator.rank} finds ${own} and rank 0 ${ofFirst}: the run's directory must be on a file system that all hosts ` +
      'share',
    { rank: communicator.rank, found: own, ofFirst },
  )
}

/** Report of a member after each update. */
export interface StepReport {
  readonly gradientNorm: number
  readonly samples: number
  /** True when the member was asked to end. */
  readonly asked: boolean
}

/**
 * Exchange the reports of a step; their gradients must have the same norm, bit for bit.
 * @returns Samples of all members, and true when any was asked to end.
 * @throws TrainingError `mpi/diverged`.
 */
export async function exchangeReports(
  { gradientNorm, samples, asked }: StepReport,
  step: number,
  communicator: Communicator,
): Promise<Pick<StepReport, 'samples' | 'asked'>> {
  if (communicator.size === 1) return { samples, asked }
  const all = await communicator.gather(Float64Array.of(gradientNorm, samples, asked ? 1 : 0))
  const column = (place: number) => [...all].filter((_, i) => i % 3 === place)
  if (column(0).some((norm) => !Object.is(norm, gradientNorm)))
    throw diverged(step, `gradients with the norms ${column(0).join(', ')}`)
  return { samples: column(1).reduce((sum, count) => sum + count, 0), asked: column(2).includes(1) }
}

/**
 * Require that all members have the same values, bit for bit.
 * @throws TrainingError `mpi/diverged`.
 */
export async function requireSameValues(
  values: Arena,
  step: number,
  communicator: Communicator,
): Promise<void> {
  if (communicator.size === 1) return
  const hash = createHash('sha256')
  for (const [, { data }] of await values.read())
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  const all = await communicator.gather(new Uint8Array(hash.digest()))
  const ofMembers = Array.from({ length: communicator.size }, (_, rank) =>
    Buffer.from(all.subarray(32 * rank, 32 * (rank + 1))).toString('hex'),
  )
  if (new Set(ofMembers).size > 1)
    throw diverged(step, `weights with the digests ${ofMembers.map((hex) => hex.slice(0, 8)).join(', ')}`)
}

const diverged = (step: number, what: string): TrainingError =>
  new TrainingError(
    'mpi/diverged',
    `step ${step}: the members have ${what}, by rank, which must be the same. Take the same version of everything and the same ` +
      'kind of processor on all hosts, and go on from the last checkpoint',
    { step },
  )
