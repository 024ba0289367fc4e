import type { HostArray } from '../../../core/index.ts'
import { input, type Tensor } from '../../../graph/index.ts'
import { groundingErrors } from '../../../losses/index.ts'
import {
  type BoxLossOptions,
  type Drop,
  type HeadConfig,
  type HeadOutputs,
  headKindOf,
  headLabels,
  labelsOf,
  type Policy,
} from '../../../models/index.ts'
import { anyOf } from './label-weights.ts'
import type { TaskWeights } from './task-weighting.ts'

/** What the graph of a policy's loss is made of. */
export interface PolicyLossOptions {
  readonly heads: Readonly<Record<string, HeadConfig>>
  readonly weights: TaskWeights
  /** Where to look: a label with boxes, and the factor of the grounding loss. Undefined: the heads' losses alone. */
  readonly grounding: { readonly label: string; readonly weight: number } | undefined
  readonly box: BoxLossOptions
}

/** The input that holds what each sample counts for a label, or for any of several: [batch]. */
export const weightLeaf = (label: string): string => `weight:${label}`

/** The part of a head's loss that one label shows. */
interface LabelErrors {
  readonly label: string
  /** [batch] */
  readonly errors: Tensor
}

/** The losses of one piece of a batch, scalars but for `samples`. */
export interface PolicyLosses {
  /** The one that is differentiated. */
  readonly loss: Tensor
  /** `<head>Loss` and `groundingLoss`: the sum of the samples' errors times their weights. */
  readonly parts: Readonly<Record<string, Tensor>>
  /** Of each sample the errors of all heads whose labels it has, added up: [batch]. */
  readonly samples: Tensor
}

/**
 * The losses of one piece of a batch.
 *
 * @param arrays The piece: `pixelValues`, `inputIds` and labels. Only shapes and dtypes are read.
 */
export function policyLosses(
  model: Policy,
  arrays: Readonly<Record<string, HostArray>>,
  { heads, weights, grounding, box }: PolicyLossOptions,
  drop: Drop,
): PolicyLosses {
  const leaf = (name: string) => input(name, arrays[name]!.shape, arrays[name]!.dtype)
  const batch = arrays.inputIds!.shape[0]!
  const labels = new Map<string, Tensor>()
  const label = (name: string) => remember(labels, name, () => leaf(name))
  const counted = new Map<string, Tensor>()
  const weight = (name: string) => remember(counted, name, () => input(weightLeaf(name), [batch]))
  const weighted = ({ label, errors }: LabelErrors) => errors.mul(weight(label)).sum()

  const has = ({ label, errors }: LabelErrors) => errors.mul(weight(label).greater(0).cast('float32'))

  const outputs = model.forward(leaf('pixelValues'), leaf('inputIds'), drop)
  const errorsOf = Object.entries(heads).map(
    ([name, head]) => [name, headErrors(head, outputs.heads[name]!, label, { box })] as const,
  )
  const losses = Object.fromEntries(
    errorsOf.map(([name, errors]) => [name, errors.map(weighted).reduce(add)]),
  )
  const shares = Object.fromEntries(
    Object.entries(heads).map(([name, head]) => [name, weight(anyOf(labelsOf(head))).sum()]),
  )
  const samples = errorsOf.flatMap(([, errors]) => errors.map(has)).reduce(add)
  const parts = Object.fromEntries(Object.entries(losses).map(([name, loss]) => [`${name}Loss`, loss]))
  const combined = weights.combine(losses, shares)
  if (!grounding) return { loss: combined, parts, samples }
  const errors = groundingErrors(outputs.attention, label(grounding.label), ...outputs.grid)
  const groundingLoss = weighted({ label: grounding.label, errors })
  const loss = combined.add(groundingLoss.mul(grounding.weight))
  return { loss, parts: { ...parts, groundingLoss }, samples }
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

/** One leaf for each name: a program has one input of a name. */
function remember(known: Map<string, Tensor>, name: string, make: () => Tensor): Tensor {
  const tensor = known.get(name) ?? make()
  known.set(name, tensor)
  return tensor
}
