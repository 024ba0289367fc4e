import { describe, expect, it } from 'vitest'
import { float32 } from '../core/index.ts'
import { Arena, arenaLayout, Engine } from './index.ts'

const layout = arenaLayout([
  [
    { name: 'weight', shape: [2, 3] },
    { name: 'scale', shape: [] },
  ],
  [{ name: 'bias', shape: [2] }],
  [],
])

const filled = async (): Promise<Arena> => {
  const arena = await Arena.create(new Engine({ threads: 1 }), layout)
  await arena.write(
    new Map([
      ['weight', float32([2, 3], [1, 2, 3, 4, 5, 6])],
      ['scale', float32([], [7])],
      ['bias', float32([2], [8, 9])],
    ]),
  )
  return arena
}

const contents = async (arena: Arena) =>
  Object.fromEntries([...(await arena.read())].map(([name, { shape, data }]) => [name, [shape, [...data]]]))

describe('arenaLayout', () => {
  it('lays group after group, name after name', () => {
    expect(layout).toEqual([
      {
        length: 7,
        entries: [
          { name: 'weight', shape: [2, 3], offset: 0, size: 6 },
          { name: 'scale', shape: [], offset: 6, size: 1 },
        ],
      },
      { length: 2, entries: [{ name: 'bias', shape: [2], offset: 0, size: 2 }] },
      { length: 0, entries: [] },
    ])
  })
})

describe('Arena', () => {
  it('begins with zeros, and gives back what was written', async () => {
    expect((await contents(await Arena.create(new Engine({ threads: 1 }), layout))).bias).toEqual([
      [2],
      [0, 0],
    ])
    expect(await contents(await filled())).toEqual({
      weight: [
        [2, 3],
        [1, 2, 3, 4, 5, 6],
      ],
      scale: [[], [7]],
      bias: [[2], [8, 9]],
    })
  })

  it('keeps what is not written', async () => {
    const arena = await filled()
    await arena.write(new Map([['scale', float32([], [-1])]]))
    const { weight, scale } = await contents(arena)
    expect(weight![1]).toEqual([1, 2, 3, 4, 5, 6])
    expect(scale![1]).toEqual([-1])
  })

  it('shares its memory with views', async () => {
    const arena = await filled()
    const vector = arena.vector(0).data as Float32Array
    vector[6] = 70
    expect(arena.view('scale').data[0]).toBe(70)
    expect(arena.view('weight').dims).toEqual([2, 3])
  })

  it('is cleared in place', async () => {
    const arena = await filled()
    const before = arena.vector(0)
    await arena.clear()
    expect(arena.vector(0)).toBe(before)
    expect((await contents(arena)).bias).toEqual([[2], [0, 0]])
  })

  it('has some of the groups only, and another arena stands for it in the rest', async () => {
    const engine = new Engine({ threads: 1 })
    const parts = arenaLayout([[{ name: 'head', shape: [2] }], [{ name: 'tower', shape: [3] }]], [1])
    const values = await Arena.create(engine, parts)
    await values.write(
      new Map([
        ['head', float32([2], [1, 2])],
        ['tower', float32([3], [3, 4, 5])],
      ]),
    )
    const average = await Arena.create(engine, parts, { groups: [0], rest: values })
    expect(await contents(average)).toEqual({ head: [[2], [0, 0]] })
    expect(average.entries.map(({ name }) => name)).toEqual(['head'])
    await average.write(new Map([['tower', float32([3], [9, 9, 9])]])) // not its own: left alone
    expect([...(average.view('tower').data as Float32Array)]).toEqual([3, 4, 5])
    expect([...(average.vector(1).data as Float32Array)]).toEqual([3, 4, 5])
    await average.add(1)
    expect([...(average.view('tower').data as Float32Array)]).toEqual([0, 0, 0])
    await average.write(new Map([['tower', float32([3], [6, 7, 8])]]))
    expect((await contents(average)).tower![1]).toEqual([6, 7, 8])
    expect((await contents(values)).tower![1]).toEqual([3, 4, 5])
  })
})
