import { float32, int64, random, type Shape, sizeOf } from '../../src/core/index.ts'
import { type Functions, ort } from '../../src/engine/c-api/functions.ts'
import {
  Arena,
  ArenaProgram,
  arenaLayout,
  Engine,
  ParameterProgram,
  toNumber,
} from '../../src/engine/index.ts'
import { gradients, input, symbolicPrimes } from '../../src/graph/index.ts'
import { crossEntropy } from '../../src/losses/index.ts'

// Trains and infers for long and prints by how much the process grew and what it owns of ONNX Runtime's, as JSON:
//   node --expose-gc --import tsx test/engine/soak.ts 20000 100000
// Steps, inferences, and how many of them pass between two collections (default 100).

const [steps, inferences, pause = 100] = process.argv.slice(2).map(Number) as [number, number, number?]
const collect = globalThis.gc!
const owned = { values: 0, bindings: 0, sessions: 0 }
countOwned()

const engine = new Engine({ threads: 1 })
const [prime] = symbolicPrimes
const shapes: Readonly<Record<string, Shape>> = { first: [64, 16], bias: [64], last: [8, 64] }
const parameters = new Map(Object.entries(shapes).map(([name, shape]) => [name, input(name, shape)]))
const [first, bias, last] = [...parameters.values()]
const logits = (x: ReturnType<typeof input>) =>
  x.gemm(first!, bias!, { transposeB: true }).gelu().gemm(last!, undefined, { transposeB: true })
const x = input('x', [prime, 16])
const loss = crossEntropy(logits(input('x', [32, 16])), input('classes', [32], 'int64'))

const layout = arenaLayout([Object.entries(shapes).map(([name, shape]) => ({ name, shape }))])
const [values, grads] = [await Arena.create(engine, layout), await Arena.create(engine, layout)]
const stream = random(7, 'soak')
const normal = (shape: Shape) =>
  float32(
    shape,
    Array.from({ length: sizeOf(shape) }, () => stream.normal(0, 0.5)),
  )
await values.write(new Map(Object.entries(shapes).map(([name, shape]) => [name, normal(shape)])))
const found = gradients(loss, [...parameters.values()])
const createStep = () =>
  ParameterProgram.create(engine, values, grads, {
    parameters,
    outputs: { loss },
    gradients: new Map([...parameters.keys()].map((name, i) => [name, found[i]!])),
  })
const step = await createStep()
const infer = await ParameterProgram.create(engine, values, undefined, {
  parameters,
  outputs: { logits: logits(x) },
  symbolicSizes: [{ prime, name: 'batch', input: x, axis: 0 }],
})
const update = await ArenaProgram.create(
  engine,
  ['value', 'gradient'],
  ['rate'],
  ({ value, gradient, rate }) => ({
    value: value!.sub(gradient!.mul(rate!)),
  }),
)

const losses: number[] = []
async function train(count: number) {
  for (let i = 0; i < count; i++) {
    const classes = int64(
      [32],
      Array.from({ length: 32 }, (_, row) => row % 8),
    )
    losses.push(await toNumber((await step.run({ x: normal([32, 16]), classes })).loss!))
    await update.run({ value: values, gradient: grads }, 0, { rate: 0.05 })
    if (i % pause === 0) collect()
    // Dropped, not released: the collector must find it.
    if (i % 100 === 0) await createStep()
  }
}
async function serve(count: number) {
  for (let i = 0; i < count; i++) {
    const rows = 1 + (i % 7)
    const { logits } = await infer.run({ x: normal([rows, 16]) })
    if (logits!.dims[0] !== rows) throw new Error(`${rows} rows went in, ${logits!.dims[0]} came out`)
    if (i % pause === 0) collect()
  }
}

/** What is left when everything that was dropped has been collected. */
async function settled() {
  for (let i = 0; i < 5; i++) {
    collect()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return { ...owned, mebibytes: process.memoryUsage.rss() / 2 ** 20 }
}

await train(Math.min(200, steps))
await serve(Math.min(1000, inferences))
const before = await settled()
await train(steps)
await serve(inferences)
const after = await settled()
console.log(JSON.stringify({ before, after, losses: [losses[0], losses.at(-1)] }))

/** Count what the library hands out and takes back. */
function countOwned(): void {
  const functions = ort() as Record<keyof Functions, unknown>
  // The list of bound outputs has one value: what is inferred.
  const counted = [
    ['values', 'CreateTensorWithDataAsOrtValue', 1],
    ['values', 'GetBoundOutputValues', 1],
    ['values', 'ReleaseValue', -1],
    ['bindings', 'CreateIoBinding', 1],
    ['bindings', 'ReleaseIoBinding', -1],
    ['sessions', 'CreateSessionFromArray', 1],
    ['sessions', 'ReleaseSession', -1],
  ] as const
  for (const [kind, name, change] of counted) {
    const original = functions[name] as ((...values: unknown[]) => unknown) & { later?: typeof original }
    const counting =
      (call: typeof original) =>
      (...values: unknown[]) => {
        owned[kind] += change
        return call(...values)
      }
    functions[name] = Object.assign(counting(original), original.later && { later: counting(original.later) })
  }
}
