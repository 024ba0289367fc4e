import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { evaluate } from '../../test/support/evaluate.ts'
import { float32, ShapeError } from '../core/index.ts'
import { gradients, input, type Tensor } from '../graph/index.ts'
import { boxOverlapErrors, groundingErrors, rotationErrors, uncertaintyWeighting } from './index.ts'

// Gradients against central differences: test/gradients.

interface Case {
  readonly name: string
  readonly loss: 'rotation' | 'boxOverlap' | 'grounding'
  readonly prediction: readonly (readonly number[])[]
  readonly target: readonly (readonly number[])[]
  readonly errors: readonly number[]
  readonly gradient: readonly (readonly number[])[]
}

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL('../../test/golden/losses/policy.json', import.meta.url), 'utf8'),
)

const losses: Record<Case['loss'], (prediction: Tensor, target: Tensor) => Tensor> = {
  rotation: rotationErrors,
  boxOverlap: boxOverlapErrors,
  grounding: (scores, boxes) => groundingErrors(scores, boxes, 3, 4),
}

const array = (rows: readonly (readonly number[])[]) => float32([rows.length, rows[0]!.length], rows.flat())

/** Errors of each row, and the gradient of their mean. */
async function computed(loss: Case['loss'], rows: Case['prediction'], targets: Case['target']) {
  const [prediction, target] = [array(rows), array(targets)]
  const leaf = input('prediction', prediction.shape)
  const errors = losses[loss](leaf, input('target', target.shape))
  const gradient = gradients(errors.mean(), [leaf])[0]!
  return evaluate({ errors, gradient }, { prediction, target })
}

test.each(cases)('$name as PyTorch', async ({ loss, prediction, target, errors, gradient }) => {
  const found = await computed(loss, prediction, target)
  const scale = Math.max(...gradient.flat().map(Math.abs))
  errors.forEach((error, i) => {
    expect(Math.abs(found.errors![i]! - error)).toBeLessThan(2e-6 + 2e-5 * error)
  })
  gradient.flat().forEach((slope, i) => {
    expect(Math.abs(found.gradient![i]! - slope)).toBeLessThan(2e-5 * scale + 1e-6)
  })
})

describe('rotationErrors', () => {
  const z = (angle: number) => [0, 0, angle]
  const error = async (a: readonly number[], b: readonly number[]) =>
    (await computed('rotation', [a], [b])).errors![0]!

  it.each([
    ['a quarter turn', z(0), z(Math.PI / 2), 2],
    ['half a turn', z(0), z(Math.PI), 4],
    ['half a turn from either side', z(Math.PI - 0.01), z(0.01 - Math.PI), 0.02 ** 2],
    ['a full turn', z(2 * Math.PI), z(0), 0],
    ['a full turn about another axis', [2 * Math.PI, 0, 0], z(0), 0],
    ['two turns and a little', z(4 * Math.PI + 0.01), z(0), 0.01 ** 2],
  ])('%s', async (_, a, b, expected) => {
    expect(await error(a, b)).toBeCloseTo(expected, 5)
    expect(await error(b, a)).toBeCloseTo(expected, 5)
  })

  it('is a squared error in radians at small angles, to the digits of float32', async () => {
    expect(await error([0.3, -0.2, 0], [0.3, -0.2, 0])).toBeLessThan(1e-12)
    for (const angle of [1e-1, 1e-2, 1e-3]) {
      const found = await error(z(angle), z(0))
      expect(Math.abs(found / (4 * Math.sin(angle / 2) ** 2) - 1), String(angle)).toBeLessThan(1e-6)
      expect(Math.abs(found / angle ** 2 - 1), String(angle)).toBeLessThan(angle ** 2 / 12 + 1e-6)
    }
  })

  it('has a finite gradient at no rotation, and it leads to the target', async () => {
    const { errors, gradient } = await computed('rotation', [z(0)], [z(0.2)])
    expect(errors![0]).toBeCloseTo(4 * Math.sin(0.1) ** 2, 6)
    expect(gradient![2]).toBeCloseTo(-2 * Math.sin(0.2), 5)
    expect(gradient!.slice(0, 2).map(Math.abs)).toEqual([0, 0])
    const there = await computed('rotation', [z(0)], [z(0)])
    expect(there.gradient!.map(Math.abs)).toEqual([0, 0, 0])
  })

  it('takes rotation vectors only', () => {
    expect(() => rotationErrors(input('a', [2, 4]), input('b', [2, 4]))).toThrow(ShapeError)
    expect(() => rotationErrors(input('a', [2, 3]), input('b', [3]))).toThrow(/rotation vectors/)
  })
})

describe('boxOverlapErrors', () => {
  it('is 0 at the target, 1 where boxes of one hull touch, and near 2 far away', async () => {
    const target = [0, 0, 0.5, 0.5]
    const boxes = [target, [0.5, 0, 1, 0.5], [100, 100, 100.5, 100.5]]
    const { errors } = await computed('boxOverlap', boxes, [target, target, target])
    expect(errors![0]).toBeCloseTo(0, 5)
    expect(errors![1]).toBeCloseTo(1, 5)
    expect(errors![2]).toBeCloseTo(2, 3)
  })

  it('pulls boxes together that do not meet, and is finite for points', async () => {
    const { gradient } = await computed('boxOverlap', [[0.5, 0, 0.75, 0.5]], [[0, 0, 0.25, 0.5]])
    expect(gradient![0]! + gradient![2]!).toBeGreaterThan(0)
    const point = [0.5, 0.5, 0.5, 0.5]
    const { errors, gradient: atPoint } = await computed('boxOverlap', [point], [point])
    expect([...errors!, ...atPoint!].every(Number.isFinite)).toBe(true)
  })
})

describe('groundingErrors', () => {
  it('is least where the attention lies as the box does', async () => {
    // The box covers two of twelve patches, one of them by half.
    const box = [0, 0, 0.375, 1 / 3]
    const shares = [2 / 3, 1 / 3]
    const scores = [...shares.map(Math.log), ...Array(10).fill(-40)]
    const { errors, gradient } = await computed('grounding', [scores], [box])
    expect(errors![0]).toBeCloseTo(-shares.reduce((sum, p) => sum + p * Math.log(p), 0), 5)
    expect(Math.max(...gradient!.map(Math.abs))).toBeLessThan(1e-6)
  })

  it('asks nothing of a box outside the picture', async () => {
    const { errors, gradient } = await computed('grounding', [Array(12).fill(1)], [[1.1, 0, 1.4, 0.5]])
    expect(errors!.map(Math.abs)).toEqual([0])
    expect(gradient!.every((slope) => slope === 0)).toBe(true)
  })

  it('takes as many scores as there are patches', () => {
    expect(() => groundingErrors(input('s', [2, 11]), input('b', [2, 4]), 3, 4)).toThrow(/\[batch, 12\]/)
  })
})

describe('uncertaintyWeighting', () => {
  it('has its minimum over s at the logarithm of the loss', async () => {
    const s = input('s', [])
    const loss = input('loss', [])
    const weighted = uncertaintyWeighting(loss, s)
    const slope = async (at: number) => {
      const feeds = { s: float32([], [at]), loss: float32([], [0.04]) }
      return (await evaluate({ slope: gradients(weighted, [s])[0]! }, feeds)).slope![0]!
    }
    expect(await slope(Math.log(0.04))).toBeCloseTo(0, 5)
    expect(await slope(0)).toBeCloseTo(0.96, 5)
    expect(() => uncertaintyWeighting(input('loss', [2]), s)).toThrow(ShapeError)
  })
})
