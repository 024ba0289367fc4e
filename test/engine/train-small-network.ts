import { float32, int64, random, type Shape, sizeOf } from '../../src/core/index.ts'
import {
  Arena,
  ArenaProgram,
  arenaLayout,
  type DeviceName,
  Engine,
  ParameterProgram,
  requireDevice,
  toNumber,
} from '../../src/engine/index.ts'
import { gradients, input } from '../../src/graph/index.ts'
import { crossEntropy } from '../../src/losses/index.ts'

// Trains a small network on the device named on the command line and prints what came of it, as JSON.

const shapes: Readonly<Record<string, Shape>> = {
  first: [16, 8],
  second: [16],
  norm: [16],
  shift: [16],
  last: [4, 16],
}
const parameters = new Map(Object.entries(shapes).map(([name, shape]) => [name, input(name, shape)]))

function lossOf() {
  const [first, second, norm, shift, last] = [...parameters.values()]
  const hidden = input('x', [32, 8])
    .gemm(first!, second!, { transposeB: true })
    .gelu()
    .layerNorm(norm!, shift!)
  return crossEntropy(hidden.gemm(last!, undefined, { transposeB: true }), input('classes', [32], 'int64'))
}

/** 20 steps of gradient descent with momentum; the losses, and the parameters at the end. */
async function train(device: DeviceName) {
  const engine = new Engine({ device, threads: 1 })
  const named = Object.entries(shapes).map(([name, shape]) => ({ name, shape }))
  const layout = arenaLayout([named.slice(0, 2), named.slice(2)])
  const create = () => Arena.create(engine, layout)
  const [values, moments, grads] = [await create(), await create(), await create()]
  const stream = random(7, 'parameters')
  const normal = (shape: Shape) =>
    float32(
      shape,
      Array.from({ length: sizeOf(shape) }, () => stream.normal(0, 0.5)),
    )
  await values.write(new Map(Object.entries(shapes).map(([name, shape]) => [name, normal(shape)])))
  const feeds = {
    x: normal([32, 8]),
    classes: int64(
      [32],
      Array.from({ length: 32 }, () => stream.integer(4)),
    ),
  }

  const loss = lossOf()
  const found = gradients(loss, [...parameters.values()])
  const step = await ParameterProgram.create(engine, values, grads, {
    parameters,
    outputs: { loss },
    gradients: new Map([...parameters.keys()].map((name, i) => [name, found[i]!])),
  })
  const update = await ArenaProgram.create(
    engine,
    ['value', 'moment', 'gradient'],
    ['rate'],
    ({ value, moment, gradient, rate }) => {
      const next = moment!.mul(0.9).add(gradient!)
      return { value: value!.sub(next.mul(rate!)), moment: next }
    },
  )
  const losses: number[] = []
  for (let i = 0; i < 20; i++) {
    losses.push(await toNumber((await step.run(feeds)).loss!))
    for (const group of layout.keys()) {
      await update.run({ value: values, moment: moments, gradient: grads }, group, { rate: 0.05 })
    }
  }
  const result = [...(await values.read()).values()].flatMap(({ data }) => [...data])
  return { losses, values: result, location: values.vector(0).location }
}

console.log(JSON.stringify(await train(requireDevice(process.argv[2]!))))
