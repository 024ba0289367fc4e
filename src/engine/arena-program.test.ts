import { describe, expect, it } from 'vitest'
import { float32 } from '../core/index.ts'
import type { Tensor } from '../graph/index.ts'
import { Arena, ArenaProgram, arenaLayout, Engine } from './index.ts'

const engine = new Engine({ threads: 1 })

type Build = (state: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>

/** Arenas a and b of 4 elements after one run. */
async function stepped(build: Build, scalars: Readonly<Record<string, number>> = {}) {
  const layout = arenaLayout([[{ name: 'p', shape: [4] }]])
  const [a, b] = [await Arena.create(engine, layout), await Arena.create(engine, layout)]
  await a.write(new Map([['p', float32([4], [1, 2, 3, 4])]]))
  await b.write(new Map([['p', float32([4], [10, 20, 30, 40])]]))
  const program = await ArenaProgram.create(engine, ['a', 'b'], Object.keys(scalars), build)
  const sums = await program.run({ a, b }, 0, scalars)
  return { a: [...(a.vector(0).data as Float32Array)], b: [...(b.vector(0).data as Float32Array)], sums }
}

describe('ArenaProgram', () => {
  it('replaces the arenas whose names are returned', async () => {
    const results = await stepped(({ a, b, rate }) => ({ a: a!.sub(b!.mul(rate!)) }), { rate: 0.5 })
    expect(results).toEqual({ a: [-4, -8, -12, -16], b: [10, 20, 30, 40], sums: {} })
  })

  it('writes both of two that depend on each other', async () => {
    // b is averaged first, and a moves by the new b: an optimizer with a moment.
    const results = await stepped(({ a, b }) => {
      const average = b!.mul(0.5).add(a!)
      return { a: a!.sub(average), b: average }
    })
    expect(results).toMatchObject({ a: [-5, -10, -15, -20], b: [6, 12, 18, 24] })
  })

  it.each<[string, Build, object]>([
    [
      'a sum of the old values',
      ({ a, b }) => ({ a: a!.add(b!), total: a!.sum() }),
      { a: [11, 22, 33, 44], sums: { total: 10 } },
    ],
    [
      'the other arena',
      ({ a, b }) => ({ a: a!.add(1), b: a!.add(b!) }),
      { a: [2, 3, 4, 5], b: [11, 22, 33, 44] },
    ],
    ['a swap', ({ a, b }) => ({ a: b!, b: a! }), { a: [10, 20, 30, 40], b: [1, 2, 3, 4] }],
    [
      'what rewriting takes back to the old values',
      ({ a }) => ({ a: a!.neg(), b: a!.neg().neg() }),
      { a: [-1, -2, -3, -4], b: [1, 2, 3, 4] },
    ],
    ['a copy', ({ a }) => ({ a: a!.mul(2), b: a! }), { a: [2, 4, 6, 8], b: [1, 2, 3, 4] }],
  ])('does not write over values that are still needed for %s', async (_, build, expected) => {
    expect(await stepped(build)).toMatchObject(expected)
  })

  it('adds up the scalars of one group at a time', async () => {
    const length = 2 ** 18 + 1000
    const arena = await Arena.create(engine, arenaLayout([[], [{ name: 'p', shape: [length] }]]))
    const program = await ArenaProgram.create(engine, ['p'], [], ({ p }) => {
      const next = p!.add(1)
      return { p: next, count: next.sum() }
    })
    expect(await program.run({ p: arena }, 0)).toEqual({})
    expect(await program.run({ p: arena }, 1)).toEqual({ count: length })
    expect(await program.run({ p: arena }, 1)).toEqual({ count: 2 * length })
    const values = arena.vector(1).data as Float32Array
    expect(values.every((value) => value === 2)).toBe(true)
  })

  it.each<[string, Build, object]>([
    [
      'a number that needs the whole vector first',
      ({ a, b }) => ({ a: a!.div(a!.sum()), b: b! }),
      { a: [0.1, 0.2, 0.3, 0.4] },
    ],
    ['a function that is no arithmetic', ({ a }) => ({ a: a!.sub(2).relu() }), { a: [0, 0, 1, 2] }],
    [
      'choices and comparisons',
      ({ a, b }) => ({ a: a!.less(2.5).where(b!, a!.neg()), top: a!.maximum(3).sum() }),
      { a: [10, 20, -3, -4], sums: { top: 13 } },
    ],
  ])('computes %s', async (_, build, expected) => {
    const { a, ...rest } = await stepped(build)
    const { a: wanted, ...others } = expected as { a: number[] }
    a.forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i]!, 6)
    })
    expect(rest).toMatchObject(others)
  })
})
