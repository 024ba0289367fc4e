import { describe, expect, it } from 'vitest'
import { float32, random } from '../core/index.ts'
import { adamW, sumOfSquares } from '../optim/index.ts'
import { ArenaMemory } from './arena-memory.ts'
import { Arena, ArenaProgram, arenaLayout, Engine } from './index.ts'

const length = 2 ** 18 + 8195 // worth threads, and no multiple of four
const layout = arenaLayout([[{ name: 'p', shape: [length] }]])
const optimizer = adamW({ learningRate: 1e-2, weightDecay: 0.1 })
const vectors = ['value', 'gradient', ...optimizer.moments]
const scalars = ['learningRate', 'weightDecay', ...Object.keys(optimizer.scalars(1))]

function normal(name: string): Float32Array {
  const stream = random(7, name)
  return Float32Array.from({ length }, () => stream.normal(0, 1))
}

/** Three updates and the gradient's sum of squares. @param apart Whether each vector has a memory of its own. */
async function updated(threads: number, apart = false) {
  const engine = new Engine({ threads })
  const arenas: Record<string, Arena> = {}
  for (const name of vectors) arenas[name] = await Arena.create(engine, apart ? [...layout] : layout)
  await arenas.value!.write(new Map([['p', float32([length], normal('value'))]]))
  await arenas.gradient!.write(new Map([['p', float32([length], normal('gradient'))]]))
  const program = await ArenaProgram.create(engine, vectors, scalars, (state) => optimizer.update(state))
  const norm = await ArenaProgram.create(engine, ['gradient'], [], ({ gradient }) => ({
    squares: sumOfSquares(gradient!),
  }))
  for (const step of [1, 2, 3]) {
    await program.run(arenas, 0, { ...optimizer.scalars(step), learningRate: 0.01, weightDecay: 0.1 })
  }
  const { squares } = await norm.run({ gradient: arenas.gradient! }, 0)
  const bits = vectors.map((name) =>
    Buffer.from((arenas[name]!.vector(0).data as Float32Array).slice().buffer),
  )
  return { bits: Buffer.concat(bits), squares }
}

describe('an update', () => {
  it('has the same bits on any number of threads, and where vectors must be copied together', async () => {
    const expected = await updated(1)
    const values = normal('gradient')
    const exact = values.reduce((sum, value) => sum + value * value, 0)
    expect(expected.squares! / exact).toBeCloseTo(1, 6)
    for (const other of [await updated(2), await updated(3), await updated(2, true)]) {
      expect(other.squares).toBe(expected.squares)
      expect(other.bits.equals(expected.bits)).toBe(true)
    }
  })

  it('refuses arenas of different sizes', async () => {
    const engine = new Engine({ threads: 1 })
    const short = await Arena.create(engine, arenaLayout([[{ name: 'p', shape: [3] }]]))
    const long = await Arena.create(engine, arenaLayout([[{ name: 'p', shape: [4] }]]))
    const program = await ArenaProgram.create(engine, ['a', 'b'], [], ({ a, b }) => ({ a: a!.add(b!) }))
    await expect(program.run({ a: short, b: long }, 0)).rejects.toMatchObject({ code: 'engine/arenas' })
  })
})

describe('the memory of a layout', () => {
  const entry = (name: string, size: number) => ({ name, shape: [size] })
  const groups = [[entry('a', 10), entry('b', 20), entry('c', 50)], [entry('d', 5)], [], [entry('e', 100)]]
  /** Room for one more arena. */
  const allocate = (memory: ArenaMemory, count = groups.length) => {
    const arena = memory.claim()
    return Array.from({ length: count }, (_, group) => memory.room(arena, group))
  }

  it('has what belongs to a parameter in one memory, for all arenas', () => {
    const memory = new ArenaMemory(arenaLayout(groups))
    const [first, second] = [allocate(memory), allocate(memory)]
    expect(first.map((stretches) => stretches.length)).toEqual([1, 1, 0, 1])
    const memories = new Set([...first.flat(), ...second.flat()].map(({ memory }) => memory))
    expect(memories.size).toBe(1)
    const addresses = [...first.flat(), ...second.flat()].map(({ address }) => address)
    expect(new Set(addresses).size).toBe(6)
    expect(addresses.every((address) => address % 64 === 0)).toBe(true)
  })

  it('is cut between parameters where a memory ends', () => {
    const stretches = allocate(new ArenaMemory(arenaLayout(groups), 4 * 48))
    const shape = stretches.map((parts) => parts.map(({ offset, length }) => [offset, length]))
    expect(shape).toEqual([
      [
        [0, 30],
        [30, 50],
      ],
      [[0, 5]],
      [],
      [[0, 100]],
    ])
    expect(new Set(stretches.flat().map(({ memory }) => memory)).size).toBe(4)
  })

  it('is apart for groups that some arenas do not have, and takes nothing for those', () => {
    const memory = new ArenaMemory(arenaLayout(groups, [1]))
    const values = allocate(memory)
    const gradients = memory.claim()
    const [own] = memory.room(gradients, 0)
    expect(own!.memory).toBe(values[0]![0]!.memory)
    expect(values[1]![0]!.memory).not.toBe(own!.memory)
    expect(values[3]![0]!.memory).not.toBe(values[1]![0]!.memory)
    const before = values[1]![0]!.memory.buffer.byteLength
    expect(before).toBeLessThan(2 * 65536 + 1)
    const [later] = memory.room(gradients, 1)
    expect([later!.memory, later!.length]).toEqual([values[1]![0]!.memory, 5])
    expect(later!.address).not.toBe(values[1]![0]!.address)
  })

  it('takes more memories when one has no room for another arena', () => {
    const size = 2 ** 28 // floats: 1 GiB, of which three fit beside the scratch page
    const memory = new ArenaMemory(arenaLayout([[{ name: 'table', shape: [size] }]]))
    const arenas = Array.from({ length: 5 }, () => allocate(memory, 1)[0]![0]!)
    expect(arenas.map((stretch) => arenas.findIndex(({ memory }) => memory === stretch.memory))).toEqual([
      0, 0, 0, 3, 3,
    ])
    expect(arenas.every(({ data }) => data.length === size && data[size - 1] === 0)).toBe(true)
  })
})
