import { broadcastShapes } from '../../core/index.ts'
import type { OpTable } from '../op-table.ts'
import type { Tensor } from '../tensor.ts'
import { misfit } from './misfit.ts'

/** Rows and columns of a matrix after its transposition. */
function sizes(tensor: Tensor, transposed: boolean): readonly [number, number] {
  const rows = tensor.shape[tensor.rank - 2]!
  const columns = tensor.shape[tensor.rank - 1]!
  return transposed ? [columns, rows] : [rows, columns]
}

export const matrix: Pick<OpTable, 'matmul' | 'gemm'> = {
  matmul: {
    infer: (inputs, { transposeA, transposeB }) => {
      const [a, b] = inputs
      if (a.rank < 2 || b.rank < 2)
        throw misfit(
          'matmul',
          inputs,
          'both sides need two axes or more; reshape a vector to [1, n] or [n, 1]',
        )
      if (a.dtype !== b.dtype) throw misfit('matmul', inputs, `cast one side: .cast('${a.dtype}')`)
      const [rows, innerA] = sizes(a, transposeA)
      const [innerB, columns] = sizes(b, transposeB)
      if (innerA !== innerB) {
        throw misfit(
          'matmul',
          inputs,
          `the inner sizes ${innerA} and ${innerB} differ; pass transposeB: ${!transposeB}, or reshape`,
        )
      }
      const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2))
      if (!batch) throw misfit('matmul', inputs, 'the leading axes must agree or be 1')
      return { shape: [...batch, rows, columns], dtype: a.dtype }
    },
    gradient: ({ inputs, dy, transposeA, transposeB, scale, exact, wanted }) => {
      const [a, b] = inputs
      const product = (x: Tensor, tx: boolean, y: Tensor, ty: boolean) =>
        x.matmul(y, { transposeA: tx, transposeB: ty, scale, exact })
      const da = () => (transposeA ? product(b, transposeB, dy, true) : product(dy, false, b, !transposeB))
      const db = () => (transposeB ? product(dy, true, a, transposeA) : product(a, !transposeA, dy, false))
      return [wanted[0] ? da().sumTo(a.shape) : undefined, wanted[1] ? db().sumTo(b.shape) : undefined]
    },
    onnx: ({ transposeA, transposeB, scale }) =>
      transposeA || transposeB || scale !== 1
        ? {
            op: 'FusedMatMul',
            domain: 'com.microsoft',
            attributes: { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0, alpha: { float: scale } },
          }
        : { op: 'MatMul' },
  },

  gemm: {
    infer: (inputs, { transposeA, transposeB }) => {
      const [a, b, bias] = inputs
      if (a.rank !== 2 || b.rank !== 2)
        throw misfit('gemm', inputs, 'both sides must be matrices; use matmul for batches')
      if (a.dtype !== b.dtype) throw misfit('gemm', inputs, `cast one side: .cast('${a.dtype}')`)
      const [rows, innerA] = sizes(a, transposeA)
      const [innerB, columns] = sizes(b, transposeB)
      if (innerA !== innerB) {
        throw misfit(
          'gemm',
          inputs,
          `the inner sizes ${innerA} and ${innerB} differ; pass transposeB: ${!transposeB}, or reshape`,
        )
      }
      if (bias && (bias.rank !== 1 || bias.shape[0] !== columns)) {
        throw misfit('gemm', inputs, `the bias must be a row of ${columns}`)
      }
      return { shape: [rows, columns], dtype: a.dtype }
    },
    gradient: ({ inputs, dy, transposeA, transposeB, wanted }) => {
      const [a, b, bias] = inputs
      const product = (x: Tensor, tx: boolean, y: Tensor, ty: boolean) =>
        x.gemm(y, undefined, { transposeA: tx, transposeB: ty })
      const da = () => (transposeA ? product(b, transposeB, dy, true) : product(dy, false, b, !transposeB))
      const db = () => (transposeB ? product(dy, true, a, transposeA) : product(a, !transposeA, dy, false))
      const sides = [wanted[0] ? da() : undefined, wanted[1] ? db() : undefined] as const
      return bias ? [...sides, wanted[2] ? dy.sum(0) : undefined] : sides
    },
    onnx: ({ transposeA, transposeB }) => ({
      op: 'Gemm',
      attributes: { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 },
    }),
  },
}
