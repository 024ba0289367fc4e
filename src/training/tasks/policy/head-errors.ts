import type { Tensor } from '../../../graph/index.ts'
import {
  boxOverlapErrors,
  rotationErrors,
  smoothL1Errors,
  softCrossEntropies,
  squaredErrors,
} from '../../../losses/index.ts'
import type { HeadConfig, HeadOutputs } from '../../../models/index.ts'

/** A part of a head's loss: the errors that one label shows. */
export interface LabelErrors {
  readonly label: string
  /** [batch] */
  readonly errors: Tensor
}

/** How boxes are compared. */
export interface BoxLossOptions {
  /** Where smooth L1 becomes a line, as a fraction of the image. */
  readonly beta: number
  /** Factor of 1 − GIoU, which is added. */
  readonly overlap: number
}

/** The label of a batch, as a leaf of the graph: [batch, numbers]. */
export type LabelLeaf = (label: string) => Tensor

/**
 * The errors of a head's outputs, sample by sample.
 *
 * - `detection`: smooth L1 between the boxes' numbers in units of `beta` (so that it is |d|/β far away), `overlap` ·
 *   (1 − GIoU), and the cross entropy of the class.
 * - `pose`: the squared error of the position, and 4·sin²(θ/2) of the rotation.
 * - `position`, `joints`, `regression`: mean squared error. `classification`: cross entropy.
 *
 * Squared errors are taken in units of the head's `scale`: its labels' own spread. One metre and one radian would
 * otherwise weigh alike, and a task would weigh less the closer its targets lie together.
 */
export function headErrors(
  head: HeadConfig,
  outputs: HeadOutputs,
  leaf: LabelLeaf,
  box: BoxLossOptions,
): LabelErrors[] {
  switch (head.kind) {
    case 'detection': {
      const errors = boxErrors(outputs.box!, leaf(head.box), box)
      const found: LabelErrors = { label: head.box, errors }
      if (head.category === undefined) return [found]
      return [
        found,
        { label: head.category, errors: softCrossEntropies(outputs.category!, leaf(head.category)) },
      ]
    }
    case 'classification':
      return [{ label: head.label, errors: softCrossEntropies(outputs.category!, leaf(head.label)) }]
    case 'pose': {
      const [position, rotation] = outputs.values!.split([3, 3], 1) as [Tensor, Tensor]
      const [place, turn] = leaf(head.label).split([3, 3], 1) as [Tensor, Tensor]
      const errors = inUnit(position, place, head.scale).add(rotationErrors(rotation, turn))
      return [{ label: head.label, errors }]
    }
    default:
      return [{ label: head.label, errors: inUnit(outputs.values!, leaf(head.label), head.scale) }]
  }
}

/** Mean squared error of each row, in units of `scale`. */
const inUnit = (prediction: Tensor, target: Tensor, scale = 1): Tensor =>
  squaredErrors(prediction, target)
    .mean(-1)
    .mul(scale ** -2)

function boxErrors(prediction: Tensor, target: Tensor, { beta, overlap }: BoxLossOptions): Tensor {
  const distances = smoothL1Errors(prediction, target, beta)
    .mean(-1)
    .mul(1 / beta)
  return overlap === 0 ? distances : distances.add(boxOverlapErrors(prediction, target).mul(overlap))
}
