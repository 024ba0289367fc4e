import { float32, type HostArray } from '../../core/index.ts'
import { matrixOf, type Product } from './products.ts'

/** The matrix of a product [inputs, outputs] with the factor of each input: diag(s)·W. */
export function smoothedMatrix(product: Product, smoothing: Float32Array): Float32Array {
  const { outputs } = product
  return matrixOf(product).map((value, i) => value * smoothing[Math.floor(i / outputs)]!)
}

/** Values of a row divided by factors. */
export const dividedRows = (
  { shape, data }: HostArray<'float32'>,
  smoothing: Float32Array,
): HostArray<'float32'> =>
  float32(
    shape,
    data.map((value, i) => value / smoothing[i]!),
  )
