import { describe, expect, it } from 'vitest'
import { float32, random } from '../core/index.ts'
import { Engine, toHost } from '../engine/index.ts'
import { constant, input, scalar } from '../graph/index.ts'
import { muon } from './muon.ts'
import { updateStacked } from './stacked-matrices.ts'

const gaussian = (shape: readonly number[], seed: number) => {
  const stream = random(seed, 'matrix')
  return float32(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal()),
  )
}

/** One step of learning rate 1 from zero, with momentum 0: minus the orthogonal factor of the gradient. */
async function stepFrom(shape: readonly [number, number, number], seed: number): Promise<Float32Array> {
  const rule = muon({ learningRate: 1, matrixLearningRate: 1, momentum: 0 }).matrices!
  const zero = constant(float32([1, 1, 1], [0])).expand(shape)
  const gradient = input('gradient', shape)
  const { value } = rule.update({ value: zero, gradient, mean: zero, learningRate: scalar(1) })
  const program = await new Engine().compile({ value: value! })
  return toHost((await program.run({ gradient: gaussian(shape, seed) })).value!, 'float32')
}

describe('muon', () => {
  it.each([[[1, 6, 6]], [[2, 4, 7]], [[2, 4, 10]], [[2, 10, 4]]] as const)(
    'steps of %j are nearly orthogonal, scaled by the root of rows over columns',
    async (shape) => {
      const [count, rows, columns] = shape
      const step = await stepFrom(shape, 3)
      const [short, long] = [Math.min(rows, columns), Math.max(rows, columns)]
      const at = (matrix: number, s: number, l: number) =>
        step[(matrix * rows + (rows <= columns ? s : l)) * columns + (rows <= columns ? l : s)]! /
        Math.sqrt(Math.max(1, rows / columns))
      for (let matrix = 0; matrix < count; matrix++) {
        for (let i = 0; i < short; i++) {
          for (let j = 0; j <= i; j++) {
            let product = 0
            for (let l = 0; l < long; l++) product += at(matrix, i, l) * at(matrix, j, l)
            // Singular values lie between 0.7 and 1.2, so the Gram matrix has a diagonal of 0.5 to 1.5.
            if (i === j) expect(product).toBeGreaterThan(0.3)
            expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(i === j ? 0.7 : 0.5)
          }
        }
      }
    },
  )

  it('moves against the gradient', async () => {
    const shape = [1, 5, 7] as const
    const step = await stepFrom(shape, 9)
    const gradient = gaussian(shape, 9).data
    expect(step.reduce((sum, value, i) => sum + value * gradient[i]!, 0)).toBeLessThan(0)
  })

  it('takes matrices of layers, and leaves embeddings, norms and convolutions to AdamW', () => {
    const { accepts } = muon().matrices!
    expect(accepts('text_model.encoder.layers.0.mlp.fc1.weight', [8, 4])).toBe(true)
    expect(accepts('text_model.embeddings.token_embedding.weight', [8, 4])).toBe(false)
    expect(accepts('text_model.final_layer_norm.weight', [4])).toBe(false)
    expect(accepts('vision_model.embeddings.patch_embedding.weight', [8, 3, 2, 2])).toBe(false)
  })
})

describe('updateStacked', () => {
  it('puts every matrix back where it lay', async () => {
    const matrices = [
      { shape: [2, 2], offset: 0, size: 4 },
      { shape: [1, 3], offset: 4, size: 3 },
      { shape: [2, 2], offset: 7, size: 4 },
    ]
    const vector = input('vector', [11])
    // Rows are swapped, so that a wrong shape would show.
    const { value } = updateStacked(matrices, { value: vector }, ({ value: stack }) => ({
      value: stack!.transpose().mul(10).reshape(stack!.shape),
    }))
    const program = await new Engine().compile({ value: value! })
    const { value: result } = await program.run({
      vector: float32(
        [11],
        Array.from({ length: 11 }, (_, i) => i),
      ),
    })
    expect([...(await toHost(result!, 'float32'))]).toEqual([0, 20, 10, 30, 40, 50, 60, 70, 90, 80, 100])
  })
})
