import { describe, expect, it } from 'vitest'
import { evaluate } from '../../test/support/evaluate.ts'
import { countOps } from '../../test/support/rewriting.ts'
import { float32, random } from '../core/index.ts'
import { checkpoint, gradients, input, rewrite, type Tensor, topologicalOrder } from './index.ts'

// How much memory it saves: test/engine/checkpoint-memory.test.ts.

type Wrap = (block: (x: Tensor) => Tensor, x: Tensor) => Tensor
const plain: Wrap = (block, x) => block(x)

const x = input('x', [5, 4])
const weights = [0, 1, 2].map((i) => input(`weight${i}`, [4, 4]))
const stream = random(7, 'checkpoint')
const feeds = Object.fromEntries(
  [x, ...weights].map((leaf, i) => [
    i === 0 ? 'x' : `weight${i - 1}`,
    float32(
      leaf.shape,
      Array.from({ length: leaf.size }, () => stream.normal()),
    ),
  ]),
)

/** Three residual layers, and the gradients of everything. */
function network(wrap: Wrap) {
  let y = x
  for (const weight of weights) y = wrap((h) => h.matmul(weight).gelu().softmax().add(h), y)
  const loss = y.square().mean()
  const [dx, ...dWeights] = gradients(loss, [x, ...weights])
  return { loss, dx: dx!, ...Object.fromEntries(dWeights.map((dWeight, i) => [`dWeight${i}`, dWeight])) }
}

describe('checkpoint', () => {
  it('gives the same gradients, bit for bit', async () => {
    expect(await evaluate(network(checkpoint), feeds)).toEqual(await evaluate(network(plain), feeds))
  })

  it('computes each block once more, and each as late as its gradient comes', () => {
    const kept = countOps(rewrite(network(plain)))
    const recomputed = countOps(rewrite(network(checkpoint)))
    expect(kept).toMatchObject({ softmax: 3, gelu: 3 })
    expect(recomputed).toMatchObject({ softmax: 6, gelu: 6, reshapeTo: 3 })
    // The second softmax of the first layer waits for the gradient that left the second layer.
    const { dWeight0 } = rewrite(network(checkpoint)) as Record<string, Tensor>
    const order = topologicalOrder([dWeight0!])
    const softmaxes = order.filter(({ op }) => op === 'softmax')
    const ancestors = topologicalOrder(softmaxes.at(-1)!.inputs)
    expect(ancestors.filter(({ op }) => op === 'reshapeTo')).toHaveLength(3)
  })

  it('leaves the forward pass as it is', () => {
    expect(countOps({ y: network(checkpoint).loss })).toEqual(countOps({ y: network(plain).loss }))
  })

  it('may be nested, and blocks may use values from outside', async () => {
    const nested = (outer: Wrap, inner: Wrap) => {
      const [a, b, c] = weights as [Tensor, Tensor, Tensor]
      const gate = x.matmul(c).sigmoid()
      const y = outer(
        (h) =>
          inner((g) => g.matmul(a).tanh().mul(gate), h)
            .matmul(b)
            .tanh(),
        x.mul(2),
      )
      const [dx, ...rest] = gradients(y.sum(), [x, a, b, c])
      return { dx: dx!, ...Object.fromEntries(rest.map((d, i) => [`d${i}`, d])) }
    }
    const expected = await evaluate(nested(plain, plain), feeds)
    expect(await evaluate(nested(checkpoint, checkpoint), feeds)).toEqual(expected)
    expect(await evaluate(nested(checkpoint, plain), feeds)).toEqual(expected)
  })

  it('does nothing to a block that changes nothing', async () => {
    const y = checkpoint((h) => h, x).sum()
    const { dx } = await evaluate({ dx: gradients(y, [x])[0]! }, feeds)
    expect(dx).toEqual(Array.from({ length: 20 }, () => 1))
  })

  it('survives gradients that are not finite', async () => {
    const y = checkpoint((h) => h.mul(2).exp(), x)
    const [dx] = gradients(y.sum().mul(Number.POSITIVE_INFINITY), [x])
    const { dx: values } = await evaluate({ dx: dx! }, feeds)
    expect(values).toEqual(Array.from({ length: 20 }, () => Number.POSITIVE_INFINITY))
  })
})
