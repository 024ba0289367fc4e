import { describe, expect, it } from 'vitest'
import { float32 } from '../core/index.ts'
import { gradients, input } from '../graph/index.ts'
import { Arena, arenaLayout, Engine, ParameterProgram, toNumber } from './index.ts'

const engine = new Engine({ threads: 1 })
const shapes = [
  { name: 'bias', shape: [2] },
  { name: 'weight', shape: [2, 3] },
]
const parameters = new Map(shapes.map(({ name, shape }) => [name, input(name, shape)]))
const x = input('x', [1, 3])
const loss = x.gemm(parameters.get('weight')!, parameters.get('bias')!, { transposeB: true }).square().sum()
const wanted = [...parameters.values()]
const byName = new Map([...parameters.keys()].map((name, i) => [name, gradients(loss, wanted)[i]!]))

async function arenas() {
  const layout = arenaLayout([[shapes[1]!], [shapes[0]!]])
  const [values, grads] = [await Arena.create(engine, layout), await Arena.create(engine, layout)]
  await values.write(
    new Map([
      ['weight', float32([2, 3], [1, 0, 0, 0, 1, 0])],
      ['bias', float32([2], [0.5, -1])],
    ]),
  )
  return { values, grads }
}

const feeds = { x: float32([1, 3], [1, 2, 3]) }

describe('ParameterProgram', () => {
  it('reads the parameters from one arena and writes their gradients to another', async () => {
    const { values, grads } = await arenas()
    const options = { parameters, outputs: { loss }, gradients: byName }
    const program = await ParameterProgram.create(engine, values, grads, options)
    for (let run = 0; run < 2; run++) {
      const results = await program.run(feeds)
      expect(await toNumber(results.loss!)).toBe(1.5 ** 2 + 1)
      expect([...(grads.view('bias').data as Float32Array)]).toEqual([3, 2])
      expect([...(grads.view('weight').data as Float32Array)]).toEqual([3, 6, 9, 2, 4, 6])
    }
    await program.release()
  })

  it('sees the parameters as they are when it runs', async () => {
    const { values, grads } = await arenas()
    const program = await ParameterProgram.create(engine, values, grads, { parameters, outputs: { loss } })
    await values.write(new Map([['bias', float32([2], [-1, -2])]]))
    expect(await toNumber((await program.run(feeds)).loss!)).toBe(0)
  })

  it('accumulates gradients when asked', async () => {
    const { values, grads } = await arenas()
    const options = { parameters, outputs: { loss }, gradients: byName, accumulate: true }
    const program = await ParameterProgram.create(engine, values, grads, options)
    await program.run(feeds)
    await program.run(feeds)
    expect([...(grads.view('weight').data as Float32Array)]).toEqual([6, 12, 18, 4, 8, 12])
  })

  it('needs gradients of the chosen parameters only', async () => {
    const { values, grads } = await arenas()
    const options = { parameters, outputs: {}, gradients: new Map([['bias', byName.get('bias')!]]) }
    const program = await ParameterProgram.create(engine, values, grads, options)
    await program.run(feeds)
    expect([...(grads.view('bias').data as Float32Array)]).toEqual([3, 2])
    expect([...(grads.view('weight').data as Float32Array)]).toEqual([0, 0, 0, 0, 0, 0])
  })
})
