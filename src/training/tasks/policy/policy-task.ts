import { type Batch, float32, type HostArray } from '../../../core/index.ts'
import type { Precision } from '../../../engine/index.ts'
import {
  type HeadConfig,
  labelsOf,
  type Policy,
  PolicyPrograms,
  type Tolerances,
} from '../../../models/index.ts'
import { namedParameters } from '../../../nn/index.ts'
import { type Communicator, placeAmong } from '../../communicator.ts'
import { type AddedLosses, withAdded, withParametersOf } from '../../strategies/add-losses.ts'
import type { StrategyMemory } from '../../strategies/define-task.ts'
import type { Leaves } from '../../strategies/leaves.ts'
import { lossTask, type Piece } from '../../strategies/loss-task.ts'
import type { Task } from '../../task.ts'
import { boxesOf, type Grounding } from '../grounding.ts'
import { type LabelWeights, labelWeights } from './label-weights.ts'
import { type PolicyLossOptions, policyLosses, sampleShares, weightName } from './policy-losses.ts'
import { policyMetrics } from './policy-metrics.ts'
import { placed, sharePictures } from './share-pictures.ts'
import { type TaskWeighting, TaskWeights, type TaskWeightsMemory } from './task-weighting.ts'

export interface PolicyTaskOptions extends Pick<PolicyLossOptions, 'grounding' | 'box'> {
  readonly weighting: TaskWeighting
  readonly tolerances: Tolerances
  /** Heads to train and measure; default: all. The others keep their weights. */
  readonly heads?: readonly string[]
  /** Seed of the dropout masks. */
  readonly seed: number
  /** Number of steps of the run, for weights that change over it. */
  readonly totalSteps: number
  /** Precision of the model's matrix products in training; default `float32`. */
  readonly precision?: Precision
  /**
   * Losses that are added to those of the heads, and the weight of these among them. The arrays hold `sampleShares` for
   * them. Default: none.
   */
  readonly added?: AddedLosses | undefined
}

type Heads = Readonly<Record<string, HeadConfig>>

/**
 * Imitation: a policy with one head a task, each with its own loss, combined by one weighting.
 *
 * Batches hold `pixelValues`, `inputIds`, and for every label of the heads its numbers under its name [batch,
 * numbers] and `<name>Present` [batch]. A sample may lack any of them: each loss is the mean over the samples that
 * have its label, in the whole effective batch, for any size of micro-batches. Consecutive samples with the same
 * image share it: the image tower encodes it once for all of their commands.
 *
 * @throws ConfigError `training/task-weights` for the weight of a head that is not trained.
 */
export function policyTask(
  model: Policy,
  options: PolicyTaskOptions,
): Task<StrategyMemory<TaskWeightsMemory>> {
  const { weighting, tolerances, seed, totalSteps, precision = 'float32', grounding } = options
  const trained = options.heads ?? Object.keys(model.config.heads)
  const heads = Object.fromEntries(trained.map((name) => [name, model.config.heads[name]!]))
  const labels = labelSets(heads, grounding)
  const weights = new TaskWeights(weighting, trained)
  const own = {
    features: () => ({}),
    loss: (_: object, leaves: Leaves) => policyLosses(model, leaves, { ...options, heads, weights }),
  }
  const objective = withAdded('imitation', own, options.added)
  return lossTask({
    name: 'policy',
    parameters: withParametersOf(options.added, new Map([...namedParameters(model), ...weights.parameters])),
    precision,
    seed,
    memory: weights.memory,
    loss: (leaves) => objective.loss(objective.features(leaves), leaves),
    async prepare(microBatches, { communicator, steps }) {
      const { pieces, seen } = await labelWeights(microBatches, labels, communicator)
      const factors = weights.factors(steps / totalSteps)
      const share = options.added && (await shareOfSample(microBatches, communicator))
      return {
        pieces: microBatches.map((batch, index) =>
          pieceOf(batch, pieces[index]!, share, weights.feeds(factors)),
        ),
        numbers: logged(factors),
        settle: (numbers) => weights.observe(seenLosses(heads, numbers, seen)),
      }
    },
    evaluator: async (engine, values) => {
      const programs = await PolicyPrograms.create(engine, model, values)
      return (batches) => policyMetrics(programs, heads, tolerances, batches)
    },
  })
}

/** Labels, and sets of labels for heads that learn from several. */
function labelSets(heads: Heads, grounding: Grounding | undefined): readonly (readonly string[])[] {
  const ofHeads = Object.values(heads).map(labelsOf)
  const labels = new Set([...ofHeads.flat(), ...(grounding ? boxesOf(grounding) : [])])
  return [...Array.from(labels, (label) => [label]), ...ofHeads.filter(({ length }) => length > 1)]
}

/** The share of one sample in a mean over the effective batch of all members. */
async function shareOfSample(microBatches: readonly Batch[], communicator: Communicator): Promise<number> {
  const samples = microBatches.reduce((sum, { ids }) => sum + ids.length, 0)
  return 1 / (await placeAmong(samples, communicator)).total
}

/** A micro-batch that holds each image once. Its losses are already shares of means, so its factor is 1. */
function pieceOf(
  batch: Batch,
  weights: LabelWeights,
  share: number | undefined,
  feeds: Readonly<Record<string, HostArray>>,
): Piece {
  const { arrays, places } = sharePictures(batch.arrays)
  const counted = Object.entries(weights).map(
    ([label, array]) => [weightName(label), placed(array, places)] as const,
  )
  const count = batch.ids.length
  const shares = share && {
    [sampleShares]: placed(float32([count], new Float32Array(count).fill(share)), places),
  }
  return { arrays: { ...arrays, ...Object.fromEntries(counted), ...shares, ...feeds }, places, share: 1 }
}

/** The losses of the heads for which the batch had labels. */
function seenLosses(
  heads: Heads,
  numbers: Readonly<Record<string, number>>,
  seen: ReadonlySet<string>,
): Record<string, number | undefined> {
  const learned = Object.entries(heads).filter(([, head]) => labelsOf(head).some((label) => seen.has(label)))
  return Object.fromEntries(learned.map(([name]) => [name, numbers[`${name}Loss`]]))
}

/** Weights for the log: those of several tasks; a single weight is left out. */
function logged(factors: Readonly<Record<string, number>>): Record<string, number> {
  const entries = Object.entries(factors)
  if (entries.length < 2) return {}
  return Object.fromEntries(entries.map(([task, value]) => [`${task}Weight`, value]))
}
