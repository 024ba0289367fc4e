import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { float32 } from '../../core/index.ts'
import { gradients, input } from '../index.ts'

const x = input('x', [6])
const feeds = { x: float32([6], [0, 1, 2, 3, 4, 5]) }

describe('slice', () => {
  it.each([
    { start: 1, end: 4, step: 1, expected: [1, 2, 3] },
    { start: 0, end: 6, step: 4, expected: [0, 4] },
    { start: -2, end: 6, step: 1, expected: [4, 5] },
    { start: 1, end: -1, step: 2, expected: [1, 3] },
    { start: 4, end: 100, step: 1, expected: [4, 5] },
    { start: -100, end: 2, step: 1, expected: [0, 1] },
  ])('[$start, $end) by $step', async ({ start, end, step, expected }) => {
    expect(await evaluate({ y: x.slice(0, start, end, step) }, feeds)).toEqual({ y: expected })
  })
})

describe('arrays without elements', () => {
  const empty = input('empty', [0, 3])
  const none = { empty: float32([0, 3], []) }

  it('sum to zero', async () => {
    expect(await evaluate({ all: empty.sum(), rows: empty.sum(0) }, none)).toEqual({
      all: [0],
      rows: [0, 0, 0],
    })
  })

  it('reshape and join like any other', async () => {
    const wide = empty.reshape([3, 0])
    const joined = wide.concat([input('x', [6]).reshape([3, 2])], 1)
    expect(await evaluate({ wide, joined }, { ...none, ...feeds })).toEqual({
      wide: [],
      joined: [0, 1, 2, 3, 4, 5],
    })
  })
})

describe('pad and slice of arrays without elements', () => {
  const empty = input('empty', [3, 0])
  const none = { empty: float32([3, 0], []) }

  it.each([
    ['pad to elements', empty.pad([0, 1], [0, 1]).add(1), [1, 1, 1, 1, 1, 1]],
    ['pad another axis', empty.pad([1, 0], [0, 0]), []],
    ['slice another axis', empty.slice(0, 1, 3), []],
    ['slice by steps', empty.slice(0, 0, 3, 2), []],
    ['slice the axis itself', empty.slice(1, 0, 4), []],
  ] as const)('%s, with their gradients', async (_, y, expected) => {
    const dx = gradients(y.square().sum(), [empty])[0]!
    expect(dx.shape).toEqual([3, 0])
    expect(await evaluate({ y, dx }, none)).toEqual({ y: [...expected], dx: [] })
  })

  it('refuses a slice that leaves nothing of something', () => {
    expect(() => x.slice(0, 3, 3)).toThrow(/leaves nothing/)
  })
})

describe('pad', () => {
  it('fills with zeros whatever the dtype', async () => {
    const results = await evaluate(
      { integers: x.cast('int64').pad([1], [1]), truths: x.greater(2).pad([0], [2]) },
      feeds,
    )
    expect(results.integers).toEqual([0, 0, 1, 2, 3, 4, 5, 0])
    expect(results.truths).toEqual([0, 0, 0, 1, 1, 1, 0, 0])
  })
})
