import { Arena, ArenaProgram, arenaLayout, Engine } from '../../src/engine/index.ts'

// Replaces a vector of 16 MiB on WebGPU again and again, and prints by how many MiB the process grew after the first
// 10 times: buffers in software lie in its memory.

const length = 2 ** 22
const engine = new Engine({ device: 'webgpu' })
const arena = await Arena.create(engine, arenaLayout([[{ name: 'p', shape: [length] }]]))
const program = await ArenaProgram.create(engine, ['p'], ['rate'], ({ p, rate }) => ({ p: p!.add(rate!) }))

const repeat = async (count: number) => {
  for (let i = 0; i < count; i++) {
    await program.run({ p: arena }, 0, { rate: 1 })
    if (i % 10 === 0) await arena.clear()
  }
  return process.memoryUsage().rss / 2 ** 20
}
const before = await repeat(10)
const after = await repeat(50)
const values = (await arena.read()).get('p')!.data
console.log(JSON.stringify({ growth: after - before, everyValue: values.every((value) => value === 9) }))
