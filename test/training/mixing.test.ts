import { expect, it } from 'vitest'
import {
  type Batch,
  float32,
  type HostArray,
  int64,
  type Random,
  random,
  type Shape,
  sizeOf,
} from '../../src/core/index.ts'
import { mixBatch } from '../../src/data/mix/mix-batch.ts'
import { mixUp } from '../../src/data/mix/mix-methods.ts'
import { Arena, ArenaProgram, arenaLayout, Engine, ParameterProgram, toHost } from '../../src/engine/index.ts'
import { gradients, input } from '../../src/graph/index.ts'
import { crossEntropySoft } from '../../src/losses/index.ts'

// What MixUp is for (Zhang et al. 2018, sections 3.1 and 4.7): trained on few samples of classes that overlap, a
// network is less sure of itself where it is wrong, and in between two samples it says something in between.

const labels = { kind: { kind: 'class', classes: 2 } } as const
const count = 48
const side = 4
const engine = new Engine({ threads: 1 })

const shapes: Readonly<Record<string, Shape>> = { first: [64, 48], shift: [64], last: [2, 64] }
const parameters = new Map(Object.entries(shapes).map(([name, shape]) => [name, input(name, shape)]))
const logits = (() => {
  const [first, shift, last] = [...parameters.values()]
  const pixels = input('pixels', [count, 3 * side * side])
  return pixels.gemm(first!, shift!, { transposeB: true }).gelu().gemm(last!, undefined, { transposeB: true })
})()

/** Noise about one of two means that are nearer to each other than the noise is wide: classes overlap. */
function samples(stream: Random): Batch {
  const kinds = Array.from({ length: count }, (_, i) => i % 2)
  const pixels = kinds.flatMap((kind) => {
    return Array.from({ length: 48 }, (_, i) => stream.normal((kind ? 0.3 : -0.3) * (i % 4 === 0 ? 1 : 0), 1))
  })
  return {
    ids: kinds.map(String),
    arrays: {
      pixelValues: float32([count, 3, side, side], pixels),
      concepts: int64([count], kinds),
      kind: float32(
        [count, 2],
        kinds.flatMap((kind) => [1 - kind, kind]),
      ),
      kindPresent: float32([count], new Float32Array(count).fill(1)),
    },
  }
}

const flat = ({ data }: HostArray): HostArray => float32([count, 48], data as Float32Array)

/** Probabilities of class 1 by a network trained on `batch`, mixed anew each step or not. */
async function trained(batch: Batch, seed: number, mixed: boolean) {
  const layout = arenaLayout([Object.entries(shapes).map(([name, shape]) => ({ name, shape }))])
  const create = () => Arena.create(engine, layout)
  const [values, moments, slopes] = [await create(), await create(), await create()]
  const stream = random(seed, 'weights')
  const weights = Object.entries(shapes).map(([name, shape]) => {
    const width = shape.length === 1 ? 0 : 1 / Math.sqrt(shape[1]!)
    return [
      name,
      float32(
        shape,
        Array.from({ length: sizeOf(shape) }, () => stream.normal(0, width)),
      ),
    ] as const
  })
  await values.write(new Map(weights))
  const loss = crossEntropySoft(logits, input('targets', [count, 2]))
  const found = gradients(loss, [...parameters.values()])
  const step = await ParameterProgram.create(engine, values, slopes, {
    parameters,
    outputs: { loss },
    gradients: new Map([...parameters.keys()].map((name, i) => [name, found[i]!])),
  })
  const update = await ArenaProgram.create(engine, ['value', 'moment', 'gradient'], ['rate'], (arena) => {
    const moment = arena.moment!.mul(0.9).add(arena.gradient!)
    return { value: arena.value!.sub(moment.mul(arena.rate!)), moment }
  })
  for (let i = 0; i < 400; i++) {
    const captions = batch.ids.map(() => '')
    const options = { methods: [mixUp()], labels, captions, random: random(seed, 'mix', i) }
    const { pixelValues, kind } = (mixed ? mixBatch(batch, options) : batch).arrays
    await step.run({ pixels: flat(pixelValues!), targets: kind! })
    await update.run({ value: values, moment: moments, gradient: slopes }, 0, { rate: 0.05 })
  }
  const program = await ParameterProgram.create(engine, values, slopes, {
    parameters,
    outputs: { probabilities: logits.softmax() },
    gradients: new Map(),
  })
  return async (pixels: HostArray): Promise<number[]> => {
    const { probabilities } = await program.run({ pixels })
    const all = await toHost(probabilities!, 'float32')
    return Array.from({ length: count }, (_, i) => all[2 * i + 1]!)
  }
}

interface Result {
  /** Held out: mean of −log of the right class's probability. */
  readonly loss: number
  /** Held out: mean probability of the class that is thought right, less the part that is right. */
  readonly overconfidence: number
  /** How far from one half in the middle between samples of both classes. */
  readonly between: number
}

async function result(seed: number, mixed: boolean): Promise<Result> {
  const [train, test] = [samples(random(seed, 'train')), samples(random(seed, 'test'))]
  const predict = await trained(train, seed, mixed)
  const held = await predict(flat(test.arrays.pixelValues!))
  const { data } = flat(train.arrays.pixelValues!) as HostArray<'float32'>
  // Neighbours are of different classes.
  const middles = Float32Array.from(data, (value, i) => (value + data[(i + 48) % data.length]!) / 2)
  const between = await predict(float32([count, 48], middles))
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / count
  const rightOnes = held.map((p, i) => (test.ids[i] === '1' ? p : 1 - p))
  const right = rightOnes.filter((p) => p > 0.5).length / count
  return {
    loss: mean(rightOnes.map((p) => -Math.log(p))),
    overconfidence: mean(held.map((p) => Math.max(p, 1 - p))) - right,
    between: mean(between.map((p) => Math.abs(p - 0.5))),
  }
}

it('MixUp makes a network less sure where it is wrong, and smooth between samples', async () => {
  const seeds = [1, 2, 3, 4]
  const meanOf = async (mixed: boolean): Promise<Result> => {
    const results = await Promise.all(seeds.map((seed) => result(seed, mixed)))
    const mean = (name: keyof Result) => results.reduce((sum, each) => sum + each[name], 0) / seeds.length
    return { loss: mean('loss'), overconfidence: mean('overconfidence'), between: mean('between') }
  }
  const [plain, mixed] = [await meanOf(false), await meanOf(true)]
  expect(mixed.loss).toBeLessThan(0.8 * plain.loss)
  expect(mixed.overconfidence).toBeLessThan(0.75 * plain.overconfidence)
  expect(mixed.between).toBeLessThan(0.5 * plain.between)
})
