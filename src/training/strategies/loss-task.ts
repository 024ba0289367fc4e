import type { Batch, HostArray } from '../../core/index.ts'
import { toHost } from '../../engine/index.ts'
import { alone, type Communicator, placeAmong, sumNumbers } from '../communicator.ts'
import type { StepResult, Task } from '../task.ts'
import { defineTask, type Step, type StrategyMemory, type TaskDefinition } from './define-task.ts'
import type { Leaves } from './leaves.ts'
import { lossOutputs, readNumbers, type TaskLoss } from './loss-outputs.ts'
import { lossScaleFeed, lossScaleLeaf } from './loss-scale-input.ts'

/** A micro-batch in the form that the loss reads. */
export interface Piece {
  readonly arrays: Readonly<Record<string, HostArray>>
  /** Factor of its loss and metrics in the sums of the batch. */
  readonly share: number
  /** Index of the sample of the micro-batch for each sample loss, −1 for none. Default: one after the other. */
  readonly places?: readonly number[]
}

/** A batch in the form that the loss reads. */
export interface PreparedStep {
  /** Pieces, one for each micro-batch. */
  readonly pieces: readonly Piece[]
  /** Further metrics for the log. Default: none. */
  readonly numbers?: Readonly<Record<string, number>>
  /** Receive the metrics of the loss after the step. */
  readonly settle?: (numbers: Readonly<Record<string, number>>) => void
}

export interface LossTaskDefinition<Own extends object> extends TaskDefinition<Own> {
  /** Build the loss of a micro-batch: the mean over its samples, unless `prepare` gives other shares. */
  loss(leaves: Leaves): TaskLoss
  /**
   * Prepare arrays and shares of the micro-batches before step `steps`, counted from 0. Default: unchanged arrays, and
   * as share of a micro-batch its fraction of the samples of all members. A task with its own `prepare` brings its own
   * evaluator.
   */
  prepare?(
    microBatches: readonly Batch[],
    step: { readonly communicator: Communicator; readonly steps: number },
  ): Promise<PreparedStep>
}

/**
 * A task whose loss is a mean over samples. Micro-batches are differentiated one after the other, and their gradients
 * are summed. With several members, loss and metrics of a step are the sums over all of them.
 */
export function lossTask<Own extends object = Record<never, never>>(
  definition: LossTaskDefinition<Own>,
): Task<StrategyMemory<Own>> {
  const loss = definition.loss.bind(definition)
  const prepare = definition.prepare?.bind(definition) ?? shareBySamples
  return defineTask(definition, {
    loss,
    arrays: async (microBatches) => {
      const { pieces } = await prepare(microBatches, { communicator: alone, steps: 0 })
      return pieces.map(({ arrays }) => arrays)
    },
    async computeGradients(step) {
      const { pieces, numbers, settle } = await prepare(step.microBatches, step)
      const result = await addUp(step, pieces, loss)
      settle?.(result.numbers)
      return { ...result, numbers: { ...result.numbers, ...numbers } }
    },
  })
}

const shareBySamples: NonNullable<LossTaskDefinition<object>['prepare']> = async (
  microBatches,
  { communicator },
) => {
  const count = microBatches.reduce((sum, { ids }) => sum + ids.length, 0)
  const { total } = await placeAmong(count, communicator)
  return { pieces: microBatches.map(({ ids, arrays }) => ({ arrays, share: ids.length / total })) }
}

/** Sum the gradients of all pieces in one arena, and their losses and metrics times their shares. */
async function addUp(
  { microBatches, state, communicator, request, steps, programs }: Step,
  pieces: readonly Piece[],
  loss: (leaves: Leaves) => TaskLoss,
): Promise<StepResult> {
  const accumulate = pieces.length > 1 || request.accumulate === true
  if (accumulate && !request.accumulate) await state.gradients.clear()
  const sums: { loss: number; numbers: Record<string, number> } = { loss: 0, numbers: {} }
  const ofSamples: number[] = []
  let first = 0
  for (const [index, { arrays, share, places }] of pieces.entries()) {
    const scale = share === 1 ? request.lossScale : share * (request.lossScale ?? 1)
    const kind = `step ${[accumulate, request.sampleLosses, scale !== undefined]}`
    const program = programs.find(kind, arrays, state, (leaves) => {
      const built = loss(leaves)
      const flow = [{ y: built.loss, dy: lossScaleLeaf(scale) }]
      return { outputs: lossOutputs(built, request), flow, accumulate }
    })
    const { ids } = microBatches[index]!
    const samples = places?.map((place) => ids[Math.max(place, 0)]!) ?? ids
    const results = await program.run(arrays, { steps, samples }, lossScaleFeed(scale))
    const read = await readNumbers(results)
    sums.loss += share * read.loss
    for (const [name, value] of Object.entries(read.numbers))
      sums.numbers[name] = (sums.numbers[name] ?? 0) + share * value
    const losses = results.sampleLosses && (await toHost(results.sampleLosses, 'float32'))
    losses?.forEach((value, place) => {
      const row = places ? places[place]! : place
      if (row >= 0) ofSamples[first + row] = value
    })
    first += ids.length
  }
  const { loss: whole, ...numbers } = await sumNumbers({ loss: sums.loss, ...sums.numbers }, communicator)
  return {
    loss: whole!,
    numbers,
    ...(ofSamples.length > 0 && { sampleLosses: Float32Array.from(ofSamples) }),
  }
}
