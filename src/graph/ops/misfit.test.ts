import { describe, expect, it } from 'vitest'
import { ShapeError } from '../../core/index.ts'
import {
  concat,
  dropout,
  embedPatches,
  gradients,
  input,
  patches,
  scatterAdd,
  type Tensor,
} from '../index.ts'

const f = (...shape: number[]) => input('f', shape)
const i = (...shape: number[]) => input('i', shape, 'int64')
const b = (...shape: number[]) => input('b', shape, 'bool')

/** What does not fit, and the words of the way out. */
const mistakes: readonly [name: string, build: () => unknown, shapes: readonly string[], fix: RegExp][] = [
  ['add', () => f(2, 3).add(f(2, 4)), ['float32[2,3]', 'float32[2,4]'], /reshape or transpose/],
  ['mul', () => f(2).mul(i(2)), ['float32[2]', 'int64[2]'], /\.cast\('float32'\)/],
  ['equal', () => i(3).equal(i(2)), ['int64[3]', 'int64[2]'], /agree or be 1/],
  ['not', () => f(3).not(), ['float32[3]'], /x\.greater\(0\)/],
  ['and', () => b(3).and(f(3)), ['bool[3]', 'float32[3]'], /x\.greater\(0\)/],
  ['where', () => f(3).where(f(3), 0), ['float32[3]'], /condition must be boolean/],
  ['where', () => b(2).where(f(3), f(3)), ['bool[2]', 'float32[3]'], /broadcast against both/],
  [
    'matmul',
    () => f(2, 3).matmul(f(2, 3)),
    ['float32[2,3]'],
    /inner sizes 3 and 2 differ; pass transposeB: true/,
  ],
  ['matmul', () => f(3).matmul(f(3, 2)), ['float32[3]', 'float32[3,2]'], /reshape a vector/],
  ['matmul', () => f(2, 3, 4).matmul(f(3, 4, 5)), ['float32[2,3,4]', 'float32[3,4,5]'], /leading axes/],
  ['gemm', () => f(2, 3, 4).gemm(f(4, 5)), ['float32[2,3,4]'], /use matmul for batches/],
  ['gemm', () => f(2, 3).gemm(f(3, 4), f(3)), ['float32[3]'], /bias must be a row of 4/],
  ['layerNorm', () => f(2, 6).layerNorm(f(5), f(6)), ['float32[2,6]', 'float32[5]'], /rows of 6/],
  ['sum', () => f(2, 3).sum([1, -1]), ['float32[2,3]'], /one axis twice/],
  ['gather', () => f(4, 2).gather(f(3)), ['float32[4,2]', 'float32[3]'], /\.cast\('int64'\)/],
  [
    'gatherElements',
    () => f(4, 2).gatherElements(i(3, 1), 1),
    ['float32[4,2]', 'int64[3,1]'],
    /every axis but 1/,
  ],
  ['gatherElements', () => f(4, 2).gatherElements(i(4), 1), ['int64[4]'], /every axis but 1/],
  [
    'scatterElements',
    () => f(4, 2).scatterElements(i(3, 2), f(2, 2), 0),
    ['int64[3,2]', 'float32[2,2]'],
    /one shape/,
  ],
  ['scatterElements', () => f(4, 2).scatterElements(i(3, 1), f(3, 1), 0), ['int64[3,1]'], /every axis but 0/],
  ['reshape', () => f(2, 3).reshape([4, -1]), ['float32[2,3]'], /\[4,-1\] does not hold 6 elements/],
  ['reshape', () => f(2, 3).reshape([-2, -3]), ['float32[2,3]'], /one size may be -1/],
  ['transpose', () => f(2, 3).transpose([0, 0]), ['float32[2,3]'], /each of the 2 axes once/],
  ['expand', () => f(2, 3).expand([4, 3]), ['float32[2,3]'], /only axes of size 1 stretch to \[4,3\]/],
  ['slice', () => f(5).slice(0, 3, 3), ['float32[5]'], /starts must lie before ends/],
  ['concat', () => f(2, 3).concat([f(2, 4)], 0), ['float32[2,3]', 'float32[2,4]'], /all sizes but axis 0/],
  ['split', () => f(5).split([2, 2], 0), ['float32[5]'], /must add up to 5/],
  ['pad', () => f(5).pad([1, 1], [0]), ['float32[5]'], /one size of 0 or more for each axis/],
  ['pad', () => i(5).pad([1], [1], 9), ['int64[5]'], /pad with 0, or cast/],
  ['dropout', () => dropout(f(2, 3), 0.1, b(2)), ['float32[2,3]', 'bool[2]'], /broadcast to \[2,3\]/],
  ['dropout', () => dropout(f(3), 0.1, b(2, 3)), ['float32[3]', 'bool[2,3]'], /broadcast to \[3\]/],
  ['patches', () => patches(f(2, 3, 4, 4), 5), ['float32[2,3,4,4]'], /sides of 5 or more/],
  ['patches', () => patches(f(3, 4, 4), 2), ['float32[3,4,4]'], /\[batch, channels, height, width\]/],
  [
    'embedPatches',
    () => embedPatches(f(1, 3, 4, 4), f(8, 4, 2, 2)),
    ['float32[8,4,2,2]'],
    /\[width, channels/,
  ],
  ['scatterAdd', () => scatterAdd(4, i(3), f(2, 5)), ['int64[3]', 'float32[2,5]'], /one index for each row/],
]

const errorOf = (build: () => unknown): ShapeError => {
  try {
    build()
  } catch (error) {
    if (error instanceof ShapeError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('the error of shapes that do not fit', () => {
  it.each(mistakes)('%s names the operation, the shapes and the fix', (name, build, shapes, fix) => {
    const error = errorOf(build)
    expect(error.code).toBe(`shape/${name}`)
    expect(error.facts.operation).toBe(name)
    expect(error.message).toMatch(new RegExp(`^${name}\\(`))
    for (const shape of shapes) expect(error.message).toContain(shape)
    expect(error.message).toMatch(fix)
  })

  it.each<[string, (x: Tensor) => unknown]>([
    ['softmax', (x) => x.softmax(2)],
    ['sum', (x) => x.sum(-3)],
    ['gather', (x) => x.gather(i(1), 5)],
    ['slice', (x) => x.slice(0.5, 0, 1)],
  ])('%s says which axes there are', (name, build) => {
    const error = errorOf(() => build(f(2, 3)))
    expect(error.code).toBe('shape/axis')
    expect(error.message).toMatch(new RegExp(`^${name}: axis .* does not exist in \\[2,3\\]; use -2 to 1$`))
  })

  it('gradients ask for a scalar', () => {
    const error = errorOf(() => gradients(f(2, 3), []))
    expect(error.code).toBe('shape/gradients')
    expect(error.message).toMatch(/\[2,3\]; reduce it to a scalar \(\.mean\(\)\) or pass dy/)
  })

  it('concat of nothing is refused', () => {
    expect(errorOf(() => concat([], 0)).code).toBe('shape/concat')
  })
})
