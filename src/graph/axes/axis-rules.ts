import type { OpAttributes, OpName } from '../op-table.ts'
import type { Node, Tensor } from '../tensor.ts'
import {
  type AxisRule,
  allFixed,
  alongside,
  axesOf,
  broadcast,
  fixed,
  type Place,
  place,
  type Relation,
  same,
} from './relation.ts'
import { reshaped } from './reshaped.ts'

type Rules = { readonly [Name in OpName]: AxisRule }

/** An op that works on elements alone. */
const elementwise: AxisRule = ({ inputs, outputs: [y] }) => inputs.flatMap((x) => broadcast(x, y))

/** An op without a rule: nothing it touches can shrink. */
const stops: AxisRule = ({ inputs, outputs }) => allFixed([...inputs, ...outputs])

/** A leaf, of which the graph around it decides. */
const leaf: AxisRule = () => []

const reduction: AxisRule = ({ inputs: [x], outputs: [y], attributes }) => {
  const { axes, keepAxes } = attributes as OpAttributes['sum']
  const left = axesOf(x!).filter((axis) => !axes.includes(axis))
  return [
    ...axes.map((axis) => fixed(x!, axis)),
    ...left.map((axis, i) => same(x!, axis, y, keepAxes ? axis : i)),
  ]
}

/** An op that treats one axis as a whole and keeps the shape. */
const along: AxisRule = ({ inputs: [x], outputs: [y], attributes }) => {
  const { axis } = attributes as { readonly axis: number }
  return alongside(x!, y, (other) => other === axis)
}

/** Axes of two operands that are summed over: one of them must be zero where positions are removed. */
const contracted = (
  a: Tensor,
  axisOfA: number,
  b: Tensor,
  axisOfB: number,
  isAllowed: boolean,
): Relation[] => (isAllowed ? [same(a, axisOfA, b, axisOfB)] : [fixed(a, axisOfA), fixed(b, axisOfB)])

/** Axes of the operands of a product: rows of the first, columns of the second, and those that are summed over. */
function axesOfProduct({ inputs, attributes }: Node) {
  const [a, b] = inputs as readonly [Tensor, Tensor]
  const { transposeA, transposeB } = attributes as OpAttributes['gemm']
  const [rows, innerOfA] = transposeA ? [a.rank - 1, a.rank - 2] : [a.rank - 2, a.rank - 1]
  const [innerOfB, columns] = transposeB ? [b.rank - 1, b.rank - 2] : [b.rank - 2, b.rank - 1]
  return { a, b, rows, columns, innerOfA, innerOfB }
}

/** The axes of a product that are summed over, of either operand, with the other one; of another node none. */
export function summedAxes(node: Node): (Place & { readonly weight: Tensor })[] {
  if (node.op !== 'matmul' && node.op !== 'gemm') return []
  const { a, b, innerOfA, innerOfB } = axesOfProduct(node)
  return [
    { tensor: a, axis: innerOfA, weight: b },
    { tensor: b, axis: innerOfB, weight: a },
  ]
}

const product: AxisRule = (node, { isWeight }) => {
  const { a, b, rows, columns, innerOfA, innerOfB } = axesOfProduct(node)
  const [y] = node.outputs
  const bias = node.inputs[2]
  const batch = [a, b].flatMap((x) =>
    axesOf(x)
      .slice(0, -2)
      .flatMap((axis) => {
        const target = axis + y.rank - x.rank
        return x.shape[axis] === y.shape[target] ? [same(x, axis, y, target)] : []
      }),
  )
  return [
    ...batch,
    same(a, rows, y, y.rank - 2),
    same(b, columns, y, y.rank - 1),
    ...contracted(a, innerOfA, b, innerOfB, isWeight(a) || isWeight(b)),
    ...(bias ? [same(bias, 0, y, y.rank - 1)] : []),
  ]
}

/** Kernels give channels; places of images stay whole. */
const kernel =
  (inner: number, outer: number): AxisRule =>
  ({ inputs, outputs: [y] }, { isWeight }) => {
    const [x, weight] = inputs as readonly [Tensor, Tensor]
    return [
      same(x, 0, y, 0),
      same(weight, outer, y, 1),
      ...contracted(x, 1, weight, inner, isWeight(weight)),
      ...[x, weight, y].flatMap((tensor) => [fixed(tensor, 2), fixed(tensor, 3)]),
    ]
  }

const packing: AxisRule = ({ inputs: [x, ...others], outputs: [y] }) => [
  ...allFixed(others),
  ...alongside(x!, y, (axis) => axis === 0),
]

const parts = (whole: Tensor, pieces: readonly Tensor[], along: number): Relation[] => {
  let offset = 0
  return pieces.flatMap((piece) => {
    const first = offset
    offset += piece.shape[along]!
    return axesOf(piece).map((axis): Relation => {
      if (axis !== along) return same(piece, axis, whole, axis)
      return { kind: 'part', whole: place(whole, axis), part: place(piece, axis), offset: first }
    })
  })
}

/**
 * Rules by op: how the axes of its inputs and outputs hang together. A missing one does not compile. By these rules the
 * dependencies of weights are found, as DepGraph (Fang et al. 2023) finds them for modules of PyTorch.
 */
export const axisRules: Rules = {
  input: leaf,
  constant: leaf,

  add: elementwise,
  sub: elementwise,
  mul: elementwise,
  div: elementwise,
  maximum: elementwise,
  minimum: elementwise,
  neg: elementwise,
  abs: elementwise,
  exp: elementwise,
  log: elementwise,
  sqrt: elementwise,
  reciprocal: elementwise,
  erf: elementwise,
  sin: elementwise,
  cos: elementwise,
  tanh: elementwise,
  sigmoid: elementwise,
  softplus: elementwise,
  relu: elementwise,
  gelu: elementwise,
  clamp: elementwise,
  equal: elementwise,
  less: elementwise,
  lessOrEqual: elementwise,
  not: elementwise,
  and: elementwise,
  where: elementwise,
  cast: elementwise,
  detach: elementwise,
  expand: elementwise,

  sum: reduction,
  mean: reduction,
  max: reduction,
  logSumExp: reduction,
  argMax: ({ inputs: [x], outputs: [y], attributes }) => {
    const { axis } = attributes as OpAttributes['argMax']
    const left = axesOf(x!).filter((other) => other !== axis)
    return [fixed(x!, axis), ...left.map((other, i) => same(x!, other, y, i))]
  },
  cumulativeSum: along,

  matmul: product,
  gemm: product,

  conv: kernel(1, 0),
  convTranspose: kernel(0, 1),
  maxPool: ({ inputs: [x], outputs }) => outputs.flatMap((y) => alongside(x!, y, (axis) => axis > 1)),

  softmax: along,
  logSoftmax: along,
  layerNorm: ({ inputs: [x, weight, bias], outputs }) => [
    ...allFixed([weight!, bias!]),
    ...outputs.flatMap((y) => alongside(x!, y, (axis) => axis === x!.rank - 1)),
  ],

  gather: ({ inputs, outputs: [y], attributes }) => {
    const [x, indices] = inputs as readonly [Tensor, Tensor]
    const { axis } = attributes as OpAttributes['gather']
    const others = axesOf(x).filter((other) => other !== axis)
    return [
      fixed(x, axis),
      ...others.map((other) => same(x, other, y, other < axis ? other : other + indices.rank - 1)),
      ...axesOf(indices).map((other) => same(indices, other, y, axis + other)),
    ]
  },
  gatherElements: ({ inputs, outputs: [y], attributes }) => {
    const [x, indices] = inputs as readonly [Tensor, Tensor]
    const { axis } = attributes as OpAttributes['gatherElements']
    const isWhole = (other: number) => other !== axis && x.shape[other] === indices.shape[other]
    return [
      ...alongside(indices, y, (other) => !isWhole(other) && other !== axis),
      ...axesOf(x).map((other) => (isWhole(other) ? same(x, other, y, other) : fixed(x, other))),
    ]
  },
  scatterElements: stops,

  reshape: ({ inputs: [x], outputs: [y] }) => reshaped(x!, y),
  reshapeTo: stops,
  quantize: stops,
  dequantize: stops,
  matmulBits: stops,
  transpose: ({ inputs: [x], outputs: [y], attributes }) =>
    (attributes as OpAttributes['transpose']).permutation.map((axis, i) => same(x!, axis, y, i)),
  slice: ({ inputs: [x], outputs: [y], attributes }) => {
    const { starts, steps } = attributes as OpAttributes['slice']
    return axesOf(x!).flatMap((axis): Relation[] => {
      const [size, count] = [x!.shape[axis]!, y.shape[axis]!]
      if (steps[axis] !== 1 || starts[axis]! + count > size) return [fixed(x!, axis), fixed(y, axis)]
      return [{ kind: 'part', whole: place(x!, axis), part: place(y, axis), offset: starts[axis]! }]
    })
  },
  concat: ({ inputs, outputs: [y], attributes }) =>
    parts(y, inputs, (attributes as OpAttributes['concat']).axis),
  split: ({ inputs: [x], outputs, attributes }) =>
    parts(x!, outputs, (attributes as OpAttributes['split']).axis),
  pad: ({ inputs: [x], outputs: [y], attributes }) => {
    const { before, after } = attributes as OpAttributes['pad']
    return alongside(x!, y, (axis) => before[axis] !== 0 || after[axis] !== 0)
  },

  packRows: packing,
  padRows: packing,
}
