import { sizeOf } from '../src/core/index.ts'
import type { Node, OpAttributes, Tensor } from '../src/graph/index.ts'

/** Matrix products of one shape: op(A) [rows, inner] · op(B) [inner, columns], `count` times. */
export interface MatrixProduct {
  readonly op: 'gemm' | 'matmul'
  readonly rows: number
  readonly inner: number
  readonly columns: number
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly count: number
}

/** The matrix products among the nodes, equal ones together, those with the most work first. */
export function matrixProducts(nodes: Iterable<Node>): MatrixProduct[] {
  const found = new Map<string, MatrixProduct>()
  for (const node of nodes) {
    const product = matrixProduct(node)
    if (!product) continue
    const { count, ...shape } = product
    const key = JSON.stringify(shape)
    found.set(key, { ...shape, count: count + (found.get(key)?.count ?? 0) })
  }
  return [...found.values()].sort((a, b) => operationsOf(b) - operationsOf(a))
}

function matrixProduct({ op, inputs, outputs, attributes }: Node): MatrixProduct | undefined {
  if (op !== 'gemm' && op !== 'matmul') return undefined
  const { transposeA, transposeB } = attributes as OpAttributes['gemm']
  const [rows, columns] = outputs[0]!.shape.slice(-2) as [number, number]
  const inner = lastAxis(inputs[0]!, transposeA)
  // Every matrix of a batch is a product of its own.
  const count = sizeOf(outputs[0]!.shape.slice(0, -2))
  return { op, rows, inner, columns, transposeA, transposeB, count }
}

const lastAxis = ({ shape }: Tensor, transposed: boolean): number => shape.at(transposed ? -2 : -1)!

/** One multiplication and one addition for every element of A that meets one of B. */
export const operationsOf = ({ rows, inner, columns, count }: MatrixProduct): number =>
  2 * count * rows * inner * columns

/**
 * Floating-point operations of the matrix products among the nodes. Everything else (norms, activations, the
 * optimizer) is left out, as is usual: it is a small part of the operations, though not of the time.
 */
export const floatingPointOperations = (nodes: Iterable<Node>): number =>
  matrixProducts(nodes).reduce((sum, product) => sum + operationsOf(product), 0)
