import { describe, expect, it } from 'vitest'
import { random } from './random.ts'

const first = (stream: ReturnType<typeof random>) => stream.uniform()

describe('random', () => {
  it('gives the same numbers for the same seed and path', () => {
    const draw = () => {
      const stream = random(7, 'augment', 3, 'google/1f600')
      return Array.from({ length: 100 }, () => stream.uniform())
    }
    expect(draw()).toEqual(draw())
    expect(new Set(draw()).size).toBe(100)
  })

  it('goes on alike in a clone, and each by itself', () => {
    const stream = random(7, 'a')
    stream.uniform()
    const clone = stream.clone()
    const draws = Array.from({ length: 5 }, () => stream.normal())
    expect(Array.from({ length: 5 }, () => clone.normal())).toEqual(draws)
  })

  it('gives every seed a stream of its own', () => {
    const seeds = Array.from({ length: 2000 }, (_, i) => i - 1000)
    expect(new Set(seeds.map((seed) => first(random(seed, 'a')))).size).toBe(seeds.length)
  })

  it('tells paths apart, however their parts are cut', () => {
    const paths = [
      ['a', 'b'],
      ['ab'],
      ['a', 'b', ''],
      ['', 'a', 'b'],
      ['b', 'a'],
      ['a', 1],
      ['a', 11],
      ['a1'],
    ]
    expect(new Set(paths.map((path) => first(random(1, ...path)))).size).toBe(paths.length)
  })

  it('is uniform: mean and share of every tenth are as expected', () => {
    const stream = random(3, 'uniform')
    const draws = Array.from({ length: 20_000 }, () => stream.uniform())
    expect(draws.reduce((sum, x) => sum + x, 0) / draws.length).toBeCloseTo(0.5, 2)
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = draws.filter((x) => Math.floor(10 * x) === tenth).length / draws.length
      expect(share).toBeCloseTo(0.1, 2)
    }
  })

  it('is normal: mean and deviation are as asked for', () => {
    const stream = random(3, 'normal')
    const draws = Array.from({ length: 20_000 }, () => stream.normal(2, 3))
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length
    const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length
    expect(mean).toBeCloseTo(2, 1)
    expect(Math.sqrt(variance)).toBeCloseTo(3, 1)
  })

  it.each([
    // Cumulative probabilities at 0.01, 0.1, 0.3, 0.5, 0.7, 0.9 and 0.99, by scipy.
    [0.2, 0.2, [0.209778, 0.33669, 0.433204, 0.5, 0.566796, 0.66331, 0.790222]],
    [1, 1, [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99]],
    [2, 5, [0.00146, 0.114265, 0.579825, 0.890625, 0.989065, 0.999945, 1]],
    [0.5, 3, [0.186254, 0.554584, 0.840069, 0.950175, 0.990396, 0.999675, 1]],
  ])('is distributed as Beta(%d, %d)', (a, b, expected) => {
    const stream = random(3, 'beta', a, b)
    const draws = Array.from({ length: 20_000 }, () => stream.beta(a, b))
    for (const [i, x] of [0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99].entries()) {
      const below = draws.filter((draw) => draw < x).length / draws.length
      expect(Math.abs(below - expected[i]!)).toBeLessThan(0.012) // over three standard errors
    }
  })

  it('draws Beta of shapes so small that their Gamma numbers are below what a float can hold', () => {
    const stream = random(1, 'beta')
    const draws = Array.from({ length: 500 }, () => stream.beta(1e-3, 1e-3))
    expect(draws.every((draw) => draw >= 0 && draw <= 1)).toBe(true)
    const ones = draws.filter((draw) => draw > 0.5).length
    expect(ones).toBeGreaterThan(200)
    expect(ones).toBeLessThan(300)
  })

  it('shuffles into a permutation and leaves the list alone', () => {
    const items = Array.from({ length: 50 }, (_, i) => i)
    const shuffled = random(1, 'shuffle').shuffle(items)
    expect(shuffled).not.toEqual(items)
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(items)
  })

  it('draws whole numbers from 0 to below the count, all of them', () => {
    const stream = random(1, 'integer')
    const drawn = new Set(Array.from({ length: 200 }, () => stream.integer(6)))
    expect([...drawn].sort()).toEqual([0, 1, 2, 3, 4, 5])
  })
})
