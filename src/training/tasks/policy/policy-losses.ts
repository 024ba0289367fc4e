import type { Tensor } from '../../../graph/index.ts'
import { groundingErrors } from '../../../losses/index.ts'
import {
  type BoxLossOptions,
  type HeadConfig,
  type HeadOutputs,
  headKindOf,
  headLabels,
  labelsOf,
  ofGlance,
  type Policy,
  type PolicyOutputs,
} from '../../../models/index.ts'
import type { Leaves } from '../../strategies/leaves.ts'
import type { TaskLoss } from '../../strategies/loss-outputs.ts'
import { boxesOf, type Grounding } from '../grounding.ts'
import { anyOf } from './label-weights.ts'
import type { TaskWeights } from './task-weighting.ts'

/** Options of the graph of a policy's loss. */
export interface PolicyLossOptions {
  readonly heads: Readonly<Record<string, HeadConfig>>
  readonly weights: TaskWeights
  /** Undefined: the heads' losses alone. */
  readonly grounding: Grounding | undefined
  readonly box: BoxLossOptions
}

/** The part of a head's loss that one label teaches. */
interface LabelErrors {
  readonly label: string
  /** [batch] */
  readonly errors: Tensor
}

/** Name of the array with the weights of the samples for a label, or for any of several: [batch]. */
export const weightName = (label: string): string => `weight:${label}`

/** Name of the array with the share of each sample in a mean over the whole batch: [batch], 0 for empty places. */
export const sampleShares = 'sampleShares'

/** Outputs of a policy for a batch, which all of its losses read. */
export const policyOutputs = (model: Policy, leaves: Leaves): PolicyOutputs =>
  leaves.once('policyOutputs', () =>
    model.forward(leaves.get('pixelValues'), leaves.get('inputIds'), leaves.drop),
  )

/**
 * The losses of one piece of a batch: `pixelValues`, `inputIds`, labels, and weights of the samples. Metrics are
 * `<head>Loss` and `groundingLoss`, the sums of the samples' errors times their weights; a sample's loss is the sum of
 * the errors of all heads whose labels it has.
 */
export function policyLosses(
  model: Policy,
  leaves: Leaves,
  { heads, weights, grounding, box }: PolicyLossOptions,
): TaskLoss {
  const label = (name: string) => leaves.get(name)
  const weight = (name: string) => leaves.get(weightName(name))
  const weighted = ({ label, errors }: LabelErrors) => errors.mul(weight(label)).sum()
  const has = ({ label, errors }: LabelErrors) => errors.mul(weight(label).greater(0).cast('float32'))

  const outputs = policyOutputs(model, leaves)
  const errorsOf = Object.entries(heads).map(
    ([name, head]) => [name, headErrors(head, outputs.heads[name]!, label, { box })] as const,
  )
  const losses = Object.fromEntries(
    errorsOf.map(([name, errors]) => [name, errors.map(weighted).reduce(add)]),
  )
  const shares = Object.fromEntries(
    Object.entries(heads).map(([name, head]) => [name, weight(anyOf(labelsOf(head))).sum()]),
  )
  const sampleLosses = errorsOf.flatMap(([, errors]) => errors.map(has)).reduce(add)
  const numbers = Object.fromEntries(Object.entries(losses).map(([name, loss]) => [`${name}Loss`, loss]))
  const combined = weights.combine(losses, shares, leaves)
  if (!grounding) return { loss: combined, numbers, sampleLosses }
  const groundingLoss = boxesOf(grounding)
    .map((name, glance) => {
      const errors = groundingErrors(ofGlance(outputs.scores, glance), label(name), ...outputs.grid)
      return weighted({ label: name, errors })
    })
    .reduce(add)
  const loss = combined.add(groundingLoss.mul(grounding.weight))
  return { loss, numbers: { ...numbers, groundingLoss }, sampleLosses }
}

/** The errors of a head, label by label. */
function headErrors(
  head: HeadConfig,
  outputs: HeadOutputs,
  leaf: (label: string) => Tensor,
  options: { readonly box: BoxLossOptions },
): LabelErrors[] {
  const labels = headLabels(head)
  const truth = Object.fromEntries(labels.map(({ output, label }) => [output, leaf(label)]))
  const errors = headKindOf(head).errors(outputs, truth, head, options)
  return labels.map(({ output, label }) => ({ label, errors: errors[output]! }))
}

const add = (a: Tensor, b: Tensor): Tensor => a.add(b)
