import { float32, type HostArray, hostArray, type Shape } from '../../core/index.ts'
import { constant, scalar, type Tensor } from '../../graph/index.ts'
import type { ActivationCodes } from './activation-codes.ts'
import { type ColumnCodes, columnCodes, roundHalfEven } from './codes.ts'
import type { Precision } from './integer-precision.ts'
import { matrixOf, type Product } from './products.ts'
import { smoothedMatrix } from './smoothing.ts'
import type { StoredLeaves } from './stored-leaves.ts'

/** Codes with which a layer is computed in int8. */
export interface LayerCodes extends Pick<Precision, 'bits' | 'weightType'> {
  readonly activations: ActivationCodes
  /** Factors by which its activations are divided and its weights multiplied, one for each input. Default: none. */
  readonly smoothing?: Float32Array | undefined
}

/** Codes as a file stores them. */
function stored(codes: Int8Array, shape: Shape, type: Precision['weightType']): HostArray {
  if (type === 'int8') return hostArray('int8', shape, codes)
  return hostArray(
    'uint8',
    shape,
    Uint8Array.from(codes, (code) => code + 128),
  )
}

/** Largest code of a bias. */
const largestBias = 2 ** 31 - 1

/**
 * The product of rows with the matrix of a layer, both as codes:
 *
 *     y = (codes of x − zero point) · (codes of W) · scale of x · scales of W + b
 *
 * The sums are of whole numbers, and so is the bias in them, in units of both scales.
 * @param rows [rows, inputs], smoothed. @returns [rows, outputs]
 */
export function integerProduct(
  product: Product,
  rows: Tensor,
  codes: LayerCodes,
  leaves: StoredLeaves,
): Tensor {
  const { layer, inputs, outputs, bias } = product
  const name = (ending: string) => `${layer}.${ending}`
  let made: ColumnCodes | undefined
  const coded = () => {
    made ??= weightCodes(product, codes)
    return made
  }
  const x = throughCodes(rows, codes.activations)
  const type = codes.weightType
  const weight = leaves.add(name(`weight_${type}`), () => stored(coded().codes, [inputs, outputs], type))
  const scales = leaves.add(name('weight_scale'), () => float32([outputs], coded().scales))
  const zero = leaves.add(name('weight_zero'), () => stored(new Int8Array(outputs), [outputs], type))
  const matrix = weight.dequantize(scales, zero, 1)
  if (!bias) return x.gemm(matrix)
  const steps = leaves.weights.get(scales)!.data as Float32Array
  const units = steps.map((scale) => scale * codes.activations.scale)
  const whole = biasCodes(leaves.floats(bias), units)
  if (!whole) return x.gemm(matrix).add(bias)
  const biasLeaf = leaves.add(name('bias_int32'), () => whole)
  const unitsLeaf = leaves.add(name('bias_scale'), () => float32([outputs], units))
  return x.gemm(matrix, biasLeaf.dequantize(unitsLeaf))
}

/** The numbers that the codes of activations stand for. */
export function throughCodes(x: Tensor, { scale, type, zeroPoint }: ActivationCodes): Tensor {
  const [step, zero] = [scalar(scale), zeroOf(type, zeroPoint)]
  return x.quantize(step, zero).dequantize(step, zero)
}

const zeroOf = (type: ActivationCodes['type'], zeroPoint: number): Tensor =>
  constant(
    type === 'uint8'
      ? hostArray('uint8', [], Uint8Array.of(zeroPoint))
      : hostArray('int8', [], Int8Array.of(zeroPoint)),
  )

/** The codes of a layer's matrix, smoothed. */
export const weightCodes = (
  product: Product,
  { bits, smoothing }: Pick<LayerCodes, 'bits' | 'smoothing'>,
): ColumnCodes =>
  columnCodes(smoothing ? smoothedMatrix(product, smoothing) : matrixOf(product), product.outputs, bits)

/** Factors for the last axis as an array. */
export const columnFactors = (factors: Float32Array): HostArray<'float32'> =>
  float32([factors.length], factors)

/** A bias in units of the products; undefined where it is not stored, or too large for them. */
function biasCodes(bias: HostArray<'float32'> | undefined, units: Float32Array): HostArray | undefined {
  const codes = bias?.data.map((value, i) => roundHalfEven(value / units[i]!))
  if (!bias || !codes || codes.some((code) => Math.abs(code) > largestBias)) return undefined
  return hostArray('int32', bias.shape, Int32Array.from(codes))
}
