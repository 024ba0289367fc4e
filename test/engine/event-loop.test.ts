import { expect, it } from 'vitest'
import { float32 } from '../../src/core/index.ts'
import { Arena, ArenaProgram, arenaLayout, Engine } from '../../src/engine/index.ts'
import { input } from '../../src/graph/index.ts'

/** How often a timer of 10 ms fired while some work was done, for each 100 ms. */
async function ticksDuring(work: () => Promise<unknown>): Promise<number> {
  let ticks = 0
  const timer = setInterval(() => ticks++, 10)
  const start = performance.now()
  await work()
  clearInterval(timer)
  return (100 * ticks) / (performance.now() - start)
}

it('timers fire while a program runs', async () => {
  const side = 512
  let product = input('x', [side, side])
  for (let i = 0; i < 8; i++) product = product.matmul(product, { scale: 1e-3 })
  const program = await new Engine({ threads: 1 }).compile({ y: product.sum() })
  const x = float32([side, side], new Float32Array(side * side).fill(1))
  await program.run({ x })
  const ticks = await ticksDuring(async () => {
    for (let i = 0; i < 3; i++) await program.run({ x })
  })
  expect(ticks).toBeGreaterThan(3)
})

it('timers fire while arenas are updated', async () => {
  const engine = new Engine()
  const layout = arenaLayout([[{ name: 'p', shape: [2 ** 23] }]])
  const [a, b] = [await Arena.create(engine, layout), await Arena.create(engine, layout)]
  const program = await ArenaProgram.create(engine, ['a', 'b'], [], ({ a, b }) => ({
    a: a!.add(b!.abs().sqrt()),
    b: b!.add(1),
  }))
  await program.run({ a, b }, 0)
  const ticks = await ticksDuring(async () => {
    for (let i = 0; i < 10; i++) await program.run({ a, b }, 0)
  })
  expect(ticks).toBeGreaterThan(3)
})
