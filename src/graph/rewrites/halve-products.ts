import type { Tensor } from '../tensor.ts'
import { is, type Rule } from './rule.ts'

/**
 * Matrix products in half precision, as autocast computes them (Micikevicius et al. 2018): operands are rounded to
 * float16, the product is a float16 and goes on as float32. Biases are added in float32. Products that are `exact` stay
 * as they are.
 * @param kernels The type of the provider's kernels. With float32 the operands are rounded and widened again, and
 * sums run in float32; the casts that ONNX Runtime inserts for missing float16 kernels would lose the roundings.
 */
export const halveProducts =
  (kernels: 'float16' | 'float32'): Rule =>
  (node) => {
    if (!is(node, 'matmul') && !is(node, 'gemm')) return undefined
    const { transposeA, transposeB, scale, exact } = { scale: 1, exact: false, ...node.attributes }
    const [a, b, bias] = node.inputs as readonly [Tensor, Tensor, Tensor | undefined]
    if (exact || a.dtype !== 'float32') return undefined
    const rounded = (x: Tensor) => x.cast('float16').cast(kernels)
    const product = rounded(a).matmul(rounded(b), { transposeA, transposeB, scale, exact: true })
    const y = product.cast('float16').cast('float32')
    return bias ? y.add(bias) : y
  }
