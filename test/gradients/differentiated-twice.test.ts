import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { float32, random, sizeOf } from '../../src/core/index.ts'
import { checkpoint, constant, gradients, gradientsOf, input, type Tensor } from '../../src/graph/index.ts'
import { checkGradient, type Sample } from './check-gradient.ts'
import { functionSamples } from './function-samples.ts'
import { opSamples } from './op-samples.ts'

/** The gradients of a sample's computation as a computation of their own, of its inputs and of what flows in. */
function differentiated({ inputs, build }: Sample): Sample {
  const leaves = inputs.map(({ shape, dtype }, i) => input(`x${i}`, shape, dtype))
  const stream = random(7, 'flowing in')
  const flowing = [build(leaves)].flat().map(({ shape }) =>
    float32(
      shape,
      Array.from({ length: sizeOf(shape) }, () => stream.uniform(-1, 1)),
    ),
  )
  return {
    inputs: [...inputs, ...flowing],
    build: (all) => {
      const ys = [build(all.slice(0, inputs.length))].flat()
      const varied = all.slice(0, inputs.length).filter(({ dtype }) => dtype === 'float32')
      return gradientsOf(
        ys.map((y, k) => ({ y, dy: all[inputs.length + k]! })),
        varied,
      )
    },
  }
}

describe('gradients of gradients against central differences over random shapes', () => {
  it.each(Object.entries({ ...opSamples, ...functionSamples }))('%s', async (_, samples) => {
    const twice = (samples as fc.Arbitrary<Sample>).map(differentiated)
    await fc.assert(fc.asyncProperty(twice, checkGradient), { numRuns: 10, seed: 7 })
  })

  it('goes through a block that is computed again', async () => {
    const width = 5
    const weight = constant(float32([width], [1, 0.5, -0.7, 1.2, 0.9]))
    const block = (x: Tensor) => x.layerNorm(weight, weight.mul(0.1)).gelu().softmax()
    await checkGradient({
      inputs: [float32([2, width], [0.3, -0.2, 0.9, 0.4, -1, 0.7, 0.1, -0.5, 0.2, 0.6])],
      build: ([x]) => gradients(checkpoint(block, x!.mul(2)).square().sum(), [x!]),
    })
  })

  it('has no second part where the first is constant', () => {
    const x = input('x', [3])
    const [first] = gradients(x.sum(), [x])
    const [second] = gradients(first!.sum(), [x])
    expect(second!.shape).toEqual([3])
  })
})
