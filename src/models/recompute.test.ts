import { describe, expect, it } from 'vitest'
import { evaluate } from '../../test/support/evaluate.ts'
import { smallPolicy } from '../../test/training/synthetic-policy.ts'
import { float32, int64, random } from '../core/index.ts'
import { gradients, gradientsOf, input, type OpName, type Tensor, topologicalOrder } from '../graph/index.ts'
import { namedParameters } from '../nn/index.ts'
import { ClipModel } from './clip/clip-model.ts'
import { dualEncoder } from './clip/dual-encoder-config.ts'
import { type Recompute, recomputeLayers } from './recompute.ts'

const config = dualEncoder({
  image: { size: 16, patch: 8, width: 16, depth: 3, heads: 2 },
  text: { length: 8, width: 16, depth: 2, heads: 2 },
  projection: 8,
})

const count = (op: OpName, tensors: readonly Tensor[]) =>
  topologicalOrder(tensors).filter((node) => node.op === op).length

/** How many layers the step of each tower computes: those of the forward pass and those that come again. */
function layersComputed(recompute: Recompute) {
  const model = recomputeLayers(new ClipModel(config), recompute)
  const leaves = [...namedParameters(model).values()].map(({ tensor }) => tensor)
  const attentions = (y: Tensor) => {
    const dy = input('dy', y.shape)
    return count('softmax', [y, ...gradientsOf([{ y, dy }], leaves)])
  }
  return {
    image: attentions(model.encodeImage(input('pixelValues', [2, 3, 16, 16]))),
    text: attentions(model.encodeText(input('inputIds', [2, 8], 'int64'))),
  }
}

describe('recompute', () => {
  it.each<{ recompute: Recompute; image: number; text: number }>([
    { recompute: false, image: 3, text: 2 },
    { recompute: true, image: 6, text: 4 },
    { recompute: ['vision_model.*'], image: 6, text: 2 },
    { recompute: ['text_model.*', '*.layers.0'], image: 4, text: 4 },
    { recompute: ['*.layers.2'], image: 4, text: 2 },
  ])(
    '$recompute computes so many layers of a tower: image $image, text $text',
    ({ recompute, ...expected }) => {
      expect(layersComputed(recompute)).toEqual(expected)
    },
  )

  it('refuses a pattern that no layer matches, and names what comes nearest', () => {
    expect(() => recomputeLayers(new ClipModel(config), ['vison_model.*'])).toThrow(
      /no layer matches 'vison_model\.\*'; nearest: vision_model\.encoder\.layers\.0/,
    )
  })
})

describe('recompute in a policy', () => {
  const arrays = {
    pixels: float32(
      [1, 3, 16, 16],
      Array.from({ length: 768 }, (_, i) => Math.sin(i)),
    ),
    ids: int64([2, 8], [62, 1, 2, 63, 63, 63, 63, 63, 62, 5, 63, 63, 63, 63, 63, 63]),
  }

  /** The loss and all gradients of a policy, and how often its step computes an attention. */
  async function step(recompute: Recompute) {
    const model = recomputeLayers(smallPolicy(), recompute)
    const parameters = [...namedParameters(model)]
    const { heads } = model.forward(input('pixels', [1, 3, 16, 16]), input('ids', [2, 8], 'int64'))
    const loss = Object.values(heads)
      .flatMap((outputs) => Object.values(outputs).map((output) => output.sum()))
      .reduce((sum, output) => sum.add(output))
    const flowing = gradients(
      loss,
      parameters.map(([, { tensor }]) => tensor),
    )
    const named = Object.fromEntries(parameters.map(([name], i) => [`gradient ${name}`, flowing[i]!]))
    const weights = parameters.map(
      ([name, { shape, initialize }]) =>
        [name, float32(shape, initialize(shape, random(7, 'initialize', name)))] as const,
    )
    const results = await evaluate({ loss, ...named }, { ...arrays, ...Object.fromEntries(weights) })
    return { results, attentions: count('softmax', [loss, ...flowing]) }
  }

  it('reaches its fusion too, for the same loss and gradients, bit for bit', async () => {
    const kept = await step(false)
    const recomputed = await step(['fusion.*'])
    // Of the words to each other, and to the patches.
    expect(recomputed.attentions - kept.attentions).toBe(2)
    expect(recomputed.results).toEqual(kept.results)
    const all = await step(true)
    expect(all.attentions - kept.attentions).toBe(4)
    expect(all.results).toEqual(kept.results)
  })
})
