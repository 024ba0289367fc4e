import { type Bundle, exportedGraphs } from '../../deploy/index.ts'
import { producer, type SymbolicSize, type Tensor, topologicalOrder } from '../../graph/index.ts'
import type { Families } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'

/** A product of activations with a learned matrix, as a graph has it. */
export interface Product {
  /** Path of the matrix. */
  readonly parameter: string
  /** Activations [rows, inputs], or [inputs, rows] where `isTurned`. */
  readonly activations: Tensor
  readonly isTurned: boolean
}

/** A graph and its products with learned matrices [outputs, inputs]. */
export interface GraphProducts {
  readonly products: readonly Product[]
  readonly symbolicSizes: readonly SymbolicSize[]
}

/**
 * The products of a model's graphs with its parameters, for parameters whose inputs lie along the axes behind the first, as
 * those of linear maps [outputs, inputs] and of patch embeddings [outputs, channels, size, size].
 */
export function productsOf(
  { model, tokenizer }: Pick<Bundle, 'model' | 'tokenizer'>,
  families?: Families,
): GraphProducts[] {
  const names = new Map([...namedParameters(model)].map(([name, { tensor }]) => [tensor, name]))
  return Object.values(exportedGraphs(model, tokenizer, families)).map(({ outputs, symbolicSizes }) => ({
    symbolicSizes,
    products: topologicalOrder(Object.values(outputs)).flatMap((node): Product[] => {
      if (node.op !== 'gemm' && node.op !== 'matmul') return []
      const [activations, matrix] = node.inputs as readonly [Tensor, Tensor]
      const { transposeA, transposeB } = node.attributes as { transposeA: boolean; transposeB: boolean }
      const leaf = leafOf(matrix)
      const parameter = names.get(leaf.tensor)
      if (parameter === undefined || leaf.tensor.rank < 2 || leaf.isTurned === transposeB) return []
      return [{ parameter, activations, isTurned: transposeA }]
    }),
  }))
}

/** The tensor of which a matrix is a view, and whether the view is transposed. */
function leafOf(matrix: Tensor): { readonly tensor: Tensor; readonly isTurned: boolean } {
  const reshaped = producer(matrix, 'reshape')
  if (reshaped) return leafOf(reshaped.inputs[0])
  const transposed = producer(matrix, 'transpose')
  if (!transposed || matrix.rank !== 2) return { tensor: matrix, isTurned: false }
  const { tensor, isTurned } = leafOf(transposed.inputs[0])
  return { tensor, isTurned: !isTurned }
}
