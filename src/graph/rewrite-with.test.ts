import { describe, expect, it } from 'vitest'
import { evaluate } from '../../test/support/evaluate.ts'
import { countOps } from '../../test/support/rewriting.ts'
import { float32, hostArray } from '../core/index.ts'
import { constant, input, producer, type Rule, rewrite, rewriteWith, scalar, type Tensor } from './index.ts'

const x = input('x', [2, 3])
const small = input('small.weight', [3, 3])
const large = input('large.weight', [4, 3])

const nameOf = (tensor: Tensor): string | undefined => producer(tensor, 'input')?.attributes.name

/** Integers and a factor in the place of a parameter. */
const stored = (name: string, rows: number): Rule => {
  const integers = hostArray(
    'int32',
    [rows, 3],
    Int32Array.from({ length: 3 * rows }, (_, i) => i - 4),
  )
  return (node) =>
    nameOf(node.outputs[0]!) === name ? constant(integers).cast('float32').mul(0.25) : undefined
}

/** Products with a parameter that is wanted are computed after the product with its integers. */
const scaleAfter =
  (isWanted: (parameter: string) => boolean, seen: string[] = []): Rule =>
  (node, original) => {
    const product = producer(node.outputs[0]!, 'matmul')
    const parameter = original.inputs[1] && nameOf(original.inputs[1])
    if (!product || parameter === undefined || !isWanted(parameter)) return undefined
    seen.push(parameter)
    const [activations, weight] = product.inputs as readonly [Tensor, Tensor]
    const scaled = producer(weight, 'mul')
    return scaled && activations.matmul(scaled.inputs[0]!, product.attributes).mul(scaled.inputs[1]!)
  }

describe('rewriteWith', () => {
  const y = x.matmul(small).tanh().matmul(large, { transposeB: true }) // [2, 4]

  it('shows a rule the parameter that a product read, beside what stands in its place', async () => {
    const seen: string[] = []
    const rules = [stored('small.weight', 3), stored('large.weight', 4)]
    const result = rewriteWith([...rules, scaleAfter((name) => name.startsWith('large'), seen)], { y })
    expect(seen).toEqual(['large.weight'])
    expect(countOps(result)).toMatchObject({ matmul: 2, mul: 2, cast: 2 })
    expect(producer(result.y, 'mul'), 'scaled after the product').toBeDefined()
    expect(result.y.node.inputs[0]!.node.op).toBe('matmul')

    const feeds = { x: float32([2, 3], [0.1, -0.2, 0.3, 0.4, 0.5, -0.6]) }
    const weights = {
      'small.weight': float32(
        [3, 3],
        Array.from({ length: 9 }, (_, i) => (i - 4) / 4),
      ),
      'large.weight': float32(
        [4, 3],
        Array.from({ length: 12 }, (_, i) => (i - 4) / 4),
      ),
    }
    const expected = await evaluate({ y }, { ...feeds, ...weights })
    const found = await evaluate(result, feeds)
    found.y!.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.y![i]!, 5)
    })
  })

  it('applies no rule but those that it is given', () => {
    const plain = x.add(0).mul(2).mul(3)
    expect(countOps(rewriteWith([], { plain }))).toMatchObject({ add: 1, mul: 2 })
    expect(countOps(rewrite({ plain }))).toMatchObject({ mul: 1 })
  })

  it('gives a node that a rule built as its own original', () => {
    const seen: boolean[] = []
    const twice: Rule = (node, original) => {
      if (node.op === 'exp') return node.inputs[0]!.mul(2).tanh()
      seen.push(node === original)
      return undefined
    }
    rewriteWith([twice], { y: x.exp() })
    expect(seen.length).toBeGreaterThan(1)
    expect(seen.every(Boolean)).toBe(true)
  })

  it('tries rules in their order', () => {
    const to =
      (value: number): Rule =>
      ({ op }) =>
        op === 'tanh' ? scalar(value).expand([2, 3]) : undefined
    const result = rewriteWith([to(1), to(2)], { y: x.tanh() })
    expect(producer(result.y.node.inputs[0]!, 'constant')?.attributes.value.data[0]).toBe(1)
  })
})
