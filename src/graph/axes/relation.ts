import type { Node, Tensor } from '../tensor.ts'

/** An axis of a tensor. */
export interface Place {
  readonly tensor: Tensor
  readonly axis: number
}

/**
 * Statement of an op about the axes of its inputs and outputs:
 *
 * - `same`: position i of one axis stands and falls with position i of the other;
 * - `part`: position i of `part` is position i + offset of `whole`;
 * - `factors`: `whole` is the product of axes side by side, as a reshape makes it;
 * - `fixed`: no position can be removed without a change of meaning.
 */
export type Relation =
  | { readonly kind: 'same'; readonly one: Place; readonly other: Place }
  | { readonly kind: 'part'; readonly whole: Place; readonly part: Place; readonly offset: number }
  | { readonly kind: 'factors'; readonly whole: Place; readonly factors: readonly Place[] }
  | { readonly kind: 'fixed'; readonly at: Place }

/** Answers about a graph that rules of ops need. */
export interface AxisContext {
  /** Tell a value that is a weight, or one in another layout: where its positions are removed it is zero. */
  isWeight(tensor: Tensor): boolean
}

/** Relations of the axes of a node. */
export type AxisRule = (node: Node, context: AxisContext) => readonly Relation[]

export const place = (tensor: Tensor, axis: number): Place => ({ tensor, axis })

export const fixed = (tensor: Tensor, axis: number): Relation => ({ kind: 'fixed', at: { tensor, axis } })

export const same = (a: Tensor, axisOfA: number, b: Tensor, axisOfB: number): Relation => ({
  kind: 'same',
  one: place(a, axisOfA),
  other: place(b, axisOfB),
})

export const axesOf = (tensor: Tensor): number[] => tensor.shape.map((_, axis) => axis)

export const allFixed = (tensors: readonly Tensor[]): Relation[] =>
  tensors.flatMap((tensor) => axesOf(tensor).map((axis) => fixed(tensor, axis)))

/** Two tensors of one shape, axis by axis; a fixed axis is one that `isFixed` names. */
export const alongside = (
  x: Tensor,
  y: Tensor,
  isFixed: (axis: number) => boolean = () => false,
): Relation[] =>
  axesOf(x).flatMap((axis) => (isFixed(axis) ? [fixed(x, axis), fixed(y, axis)] : [same(x, axis, y, axis)]))

/** An input that broadcasts to an output: its axes of the output's sizes; others stay as they are. */
export const broadcast = (x: Tensor, y: Tensor): Relation[] =>
  axesOf(x).flatMap((axis) => {
    const target = axis + y.rank - x.rank
    return x.shape[axis] === y.shape[target] ? [same(x, axis, y, target)] : []
  })
