import type { Batch, HostArray } from '../../core/index.ts'
import { toHost } from '../../engine/index.ts'
import { type Communicator, placeAmong } from '../communicator.ts'
import type { StepResult, Task } from '../task.ts'
import { defineTask, type Step, type StrategyMemory, type TaskDefinition } from './define-task.ts'
import type { Leaves } from './leaves.ts'
import { lossOutputs, readNumbers, type TaskLoss } from './loss-outputs.ts'
import { lossScaleFeed, lossScaleLeaf } from './loss-scale-input.ts'

/** A micro-batch as the loss reads it. */
export interface Piece {
  readonly arrays: Readonly<Record<string, HostArray>>
  /** Factor of its loss and numbers in those of the batch. */
  readonly share: number
  /** For each of the sample losses the sample of the micro-batch, −1 for none. Default: one after the other. */
  readonly places?: readonly number[]
}

/** A batch as the loss reads it. */
export interface PreparedStep {
  /** One for each micro-batch. */
  readonly pieces: readonly Piece[]
  /** Further numbers worth a line in the log. Default: none. */
  readonly numbers?: Readonly<Record<string, number>>
  /** Is given the numbers of the loss when the step is over. */
  readonly settle?: (numbers: Readonly<Record<string, number>>) => void
}

export interface LossTaskDefinition<Own extends object> extends TaskDefinition<Own> {
  /** Builds the loss of a micro-batch: the mean over its samples, unless `prepare` gives other shares. */
  loss(leaves: Leaves): TaskLoss
  /**
   * Arrays and shares of the micro-batches before step `steps`, counted from 0. Default: the arrays as they are, each
   * micro-batch by its part of the samples of all members. A task that gives its own brings its own evaluator.
   */
  prepare?(
    microBatches: readonly Batch[],
    step: { readonly communicator: Communicator; readonly steps: number },
  ): Promise<PreparedStep>
}

/**
 * A task whose loss is a mean over samples. Micro-batches are differentiated one after the other, and their gradients
 * added up. Over several members, loss and numbers of a step are this member's part: they add up, too.
 */
export function lossTask<Own extends object = Record<never, never>>(
  definition: LossTaskDefinition<Own>,
): Task<StrategyMemory<Own>> {
  const loss = definition.loss.bind(definition)
  const prepare = definition.prepare?.bind(definition) ?? shareBySamples
  return defineTask(definition, {
    loss,
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

/** Gradients of all pieces into one arena, their losses and numbers times their shares. */
async function addUp(
  { microBatches, state, request, steps, programs }: Step,
  pieces: readonly Piece[],
  loss: (leaves: Leaves) => TaskLoss,
): Promise<StepResult> {
  const accumulate = pieces.length > 1
  if (accumulate) await state.gradients.clear()
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
    const results = await program.run(arrays, [steps, index], lossScaleFeed(scale))
    const read = await readNumbers(results)
    sums.loss += share * read.loss
    for (const [name, value] of Object.entries(read.numbers))
      sums.numbers[name] = (sums.numbers[name] ?? 0) + share * value
    const losses = results.sampleLosses && (await toHost(results.sampleLosses, 'float32'))
    losses?.forEach((value, place) => {
      const row = places ? places[place]! : place
      if (row >= 0) ofSamples[first + row] = value
    })
    first += microBatches[index]!.ids.length
  }
  return { ...sums, ...(ofSamples.length > 0 && { sampleLosses: Float32Array.from(ofSamples) }) }
}
