import { sameShape } from '../../core/index.ts'
import type { Node, Tensor } from '../tensor.ts'
import { is, producer, type Rule, scalarValue } from './rule.ts'

/**
 * (x · a) · b → x · ab, x / a → x · (1/a), x + (−y) → x − y: fewer passes over memory. Factors whose product or
 * quotient leaves the range of float32 stay apart, for in steps the result may be finite.
 */
export const mergeScalars: Rule = (node) => {
  const output = node.outputs[0]
  if (output.dtype !== 'float32') return undefined
  const merged = merge(node)
  // A scalar of shape [1, 1] would have raised the rank.
  return merged && sameShape(merged.shape, output.shape) ? merged : undefined
}

function merge(node: Node): Tensor | undefined {
  const [x, y] = node.inputs as readonly [Tensor, Tensor]
  if (is(node, 'div')) {
    const divisor = scalarValue(y)
    return divisor === undefined || !keepsRange(1, divisor, 1 / divisor) ? undefined : x.mul(1 / divisor)
  }
  if (is(node, 'neg')) {
    const scaled = scaledBy(x)
    return scaled?.x.mul(-scaled.factor)
  }
  if (is(node, 'add')) {
    const negated = producer(y, 'neg')
    if (negated) return x.sub(negated.inputs[0])
    const first = producer(x, 'neg')
    return first && y.sub(first.inputs[0])
  }
  if (is(node, 'mul')) {
    const factor = scalarValue(y) ?? scalarValue(x)
    if (factor === undefined) return undefined
    const scaled = scaledBy(scalarValue(y) === undefined ? y : x)
    if (!scaled) return undefined
    const product = scaled.factor * factor
    return keepsRange(scaled.factor, factor, product) ? scaled.x.mul(product) : undefined
  }
  return undefined
}

const [smallestNormal, largest] = [2 ** -126, (2 - 2 ** -23) * 2 ** 127]

/** Test that one factor stands for two: it is a normal float32, or 0, ∞ or NaN because one of the two is. */
function keepsRange(a: number, b: number, merged: number): boolean {
  const size = Math.abs(merged)
  if (size >= smallestNormal && size <= largest) return true
  return [a, b].some((factor) => factor === 0 || !Number.isFinite(factor))
}

function scaledBy(tensor: Tensor): { x: Tensor; factor: number } | undefined {
  const product = producer(tensor, 'mul')
  if (!product) return undefined
  const [x, y] = product.inputs
  const factor = scalarValue(y)
  if (factor !== undefined && x.rank >= y.rank) return { x, factor }
  const left = scalarValue(x)
  return left !== undefined && y.rank >= x.rank ? { x: y, factor: left } : undefined
}
