import { type HostArray, stridesOf } from '../../core/index.ts'
import { type Node, producer, type Tensor, topologicalOrder } from '../../graph/index.ts'
import type { WeightedGraph } from '../method.ts'

/** A product of activations with a matrix of the model. */
export interface Product {
  /** Path of the matrix in the model without `.weight`; pieces of a matrix that is cut have their number in brackets. */
  readonly layer: string
  readonly node: Node
  /** Activations [.., inputs]. */
  readonly input: Tensor
  /** The matrix as the model has it. */
  readonly weight: HostArray<'float32'>
  /** True for a matrix that is [outputs, inputs]. */
  readonly isTransposed: boolean
  readonly inputs: number
  readonly outputs: number
  readonly bias: Tensor | undefined
}

/** The products of a graph that may be computed with codes for numbers, in the order in which they run. */
export function productsOf({ outputs, weights }: WeightedGraph): Product[] {
  const order = topologicalOrder(Object.values(outputs))
  const fed = fedTensors(order, weights)
  return order.flatMap((node) => productOf(node, weights, fed) ?? [])
}

/** Tensors that depend on what is fed. */
function fedTensors(order: readonly Node[], weights: WeightedGraph['weights']): ReadonlySet<Tensor> {
  const fed = new Set<Tensor>()
  for (const { op, inputs, outputs } of order) {
    const isFed = op === 'input' ? !weights.has(outputs[0]) : inputs.some((tensor) => fed.has(tensor))
    if (isFed) for (const output of outputs) fed.add(output)
  }
  return fed
}

function productOf(
  node: Node,
  weights: WeightedGraph['weights'],
  fed: ReadonlySet<Tensor>,
): Product | undefined {
  if (node.op !== 'gemm' && node.op !== 'matmul') return undefined
  const { transposeA, transposeB, scale, exact } = {
    ...{ scale: 1, exact: false },
    ...(node as unknown as Node<'matmul'>).attributes,
  }
  const [input, matrix, bias] = node.inputs as readonly [Tensor, Tensor, Tensor?]
  if (transposeA || scale !== 1 || exact || matrix.rank !== 2 || !fed.has(input)) return undefined
  const found = storedMatrix(matrix, weights)
  if (!found) return undefined
  const [rows, columns] = matrix.shape as readonly [number, number]
  const [inputs, outputs] = transposeB ? [columns, rows] : [rows, columns]
  return { ...found, node, input, isTransposed: transposeB, inputs, outputs, bias }
}

interface StoredMatrix {
  readonly layer: string
  readonly weight: HostArray<'float32'>
}

/** The matrix that a tensor is: a weight, in another shape or cut along its first axis. */
function storedMatrix(tensor: Tensor, weights: WeightedGraph['weights']): StoredMatrix | undefined {
  const reshaped = producer(tensor, 'reshape')
  if (reshaped) {
    const found = storedMatrix(reshaped.inputs[0], weights)
    return found && { ...found, weight: { ...found.weight, shape: tensor.shape } }
  }
  const cut = producer(tensor, 'split')
  if (cut) return pieceOf(cut, tensor, weights)
  const value = weights.get(tensor)
  const name = producer(tensor, 'input')?.attributes.name
  if (value?.dtype !== 'float32' || name === undefined) return undefined
  return { layer: layerOf(name), weight: value as HostArray<'float32'> }
}

/** The layer that a weight belongs to: `…in_proj_weight` is the weight of `…in_proj`. */
export const layerOf = (parameter: string): string => parameter.replace(/[._]weight$/, '')

function pieceOf(
  { inputs: [whole], attributes: { axis, sizes } }: Node<'split'>,
  { index, shape }: Tensor,
  weights: WeightedGraph['weights'],
): StoredMatrix | undefined {
  const found = axis === 0 ? storedMatrix(whole, weights) : undefined
  if (!found) return undefined
  const rows = stridesOf(whole.shape)[0]!
  const start = sizes.slice(0, index).reduce((sum, size) => sum + size, 0)
  const data = found.weight.data.subarray(start * rows, (start + sizes[index]!) * rows)
  return { layer: `${found.layer}[${index}]`, weight: { dtype: 'float32', shape, data } }
}

/** The matrix of a product as [inputs, outputs]. */
export const matrixOf = ({ weight, isTransposed, inputs, outputs }: Product): Float32Array =>
  isTransposed ? transposed(weight.data, outputs, inputs) : weight.data

/** The matrix of a product as [outputs, inputs]. */
export const rowsOf = ({ weight, isTransposed, inputs, outputs }: Product): Float32Array =>
  isTransposed ? weight.data : transposed(weight.data, inputs, outputs)

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length)
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = matrix[row * columns + column]!
  return result
}
