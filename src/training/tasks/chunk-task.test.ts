import { describe, expect, it } from 'vitest'
import { chunkBatch, tinyChunkPolicy } from '../../../test/support/tiny-chunk-policy.ts'
import { type Batch, float32, hostArray, random } from '../../core/index.ts'
import { Engine } from '../../engine/index.ts'
import { type ChunkPolicyModel, chunkKeys } from '../../models/index.ts'
import { adamW } from '../../optim/index.ts'
import { alone } from '../communicator.ts'
import { prepareTraining } from '../training.ts'
import { answersOf } from './chunk-evaluator.ts'
import { chunkFeeds, chunkMetrics } from './chunk-metrics.ts'
import { chunkTask } from './chunk-task.ts'
import type { Grounding } from './grounding.ts'

const engine = new Engine({ threads: 1 })

const prepared = async (model: ChunkPolicyModel, learningRate = 3e-3, grounding?: Grounding) => {
  const task = chunkTask(model, { seed: 5, grounding })
  return prepareTraining({ task, engine, optimizer: adamW({ learningRate, weightDecay: 0 }), seed: 3 })
}

const drawn = (name: string, count: number) => {
  const stream = random(1, name)
  return Array.from({ length: count }, () => stream.normal(0, 1))
}

const rows = (name: string, samples: number, width: number) =>
  Array.from({ length: samples }, (_, i) => drawn(`${name} ${i}`, width))

const chunks = (name: string, samples: number) =>
  Array.from({ length: samples }, (_, i) => rows(`${name} ${i}`, 4, 2))

const isPad = float32([2, 4], [0, 0, 1, 1, 0, 0, 0, 0])
const batch = chunkBatch(rows('state', 2, 3), chunks('action', 2), { action_is_pad: isPad })

const heads = ['l1', 'act', 'flow'] as const

/**
 * A training a little away from where it begins: there biases are zero, and so is what the first norm of ACT's decoder reads.
 */
async function moved(model: ChunkPolicyModel) {
  const training = await prepared(model)
  const values = Array.from(await training.state.values.read(), ([name, { shape, data }]) => {
    const by = drawn(`moved ${name}`, data.length)
    return [
      name,
      hostArray(
        'float32',
        shape,
        data.map((value, i) => value + 0.1 * by[i]!),
      ),
    ] as const
  })
  await training.state.values.write(new Map(values))
  return training
}

/** The loss of a first step, and its gradients. */
async function step({ task, state }: Awaited<ReturnType<typeof prepared>>, of: Batch) {
  task.memory!.value = { steps: 0 }
  const { loss } = await task.computeGradients([of], state, alone)
  const read = await state.gradients.read()
  return { loss, gradients: new Map(Array.from(read, ([name, { data }]) => [name, data.slice()])) }
}

describe.each(heads)('behaviour cloning by %s', (head) => {
  it('has the gradients of its loss, by central differences', async () => {
    const training = await moved(tinyChunkPolicy({ head }))
    const { gradients } = await step(training, batch)
    const { state } = training
    const values = new Map([...(await state.values.read())].map(([name, { data }]) => [name, data.slice()]))
    // Mostly along the gradient, where the slope is large against kinks and rounding, and a little anywhere.
    const norm = Math.hypot(...[...gradients.values()].flatMap((gradient) => [...gradient]))
    const count = [...gradients.values()].reduce((sum, { length }) => sum + length, 0)
    const direction = new Map(
      Array.from(gradients, ([name, gradient]) => {
        const anywhere = drawn(`along ${name}`, gradient.length)
        return [name, Array.from(gradient, (g, i) => g / norm + anywhere[i]! / count ** 0.5)] as const
      }),
    )
    const lossAt = async (distance: number) => {
      const moved = Array.from(values, ([name, data]) => {
        const along = direction.get(name)!
        const at = Float32Array.from(data, (value, i) => value + distance * along[i]!)
        return [name, hostArray('float32', [data.length], at)] as const
      })
      await state.values.write(new Map(moved))
      return (await step(training, batch)).loss
    }
    const numeric = ((await lossAt(2e-3)) - (await lossAt(-2e-3))) / 4e-3
    const slope = [...gradients].reduce(
      (sum, [name, gradient]) =>
        sum + gradient.reduce((part, g, i) => part + g * direction.get(name)![i]!, 0),
      0,
    )
    expect(Math.abs(slope - numeric)).toBeLessThan(0.03 * Math.abs(numeric))
  })

  it('learns nothing of padded actions', async () => {
    const others = chunks('other', 2)
    const changed = chunks('action', 2).map((chunk, i) =>
      chunk.map((action, at) => (isPad.data[4 * i + at] ? others[i]![at]! : action)),
    )
    const other = chunkBatch(rows('state', 2, 3), changed, { action_is_pad: isPad })
    const training = await moved(tinyChunkPolicy({ head }))
    const [one, two] = [await step(training, batch), await step(training, other)]
    expect(two).toEqual(one)
    const unpadded = chunkBatch(rows('state', 2, 3), changed)
    expect((await step(training, unpadded)).loss).not.toBe(one.loss)
  })

  it('measures its loss and the errors of its answers, the same each time', async () => {
    const { task, state } = await prepared(tinyChunkPolicy({ head }))
    const batches = async function* () {
      yield batch
    }
    const metrics = await task.evaluate(batches(), state.values, state)
    expect(Object.keys(metrics).sort()).toEqual(['error', 'firstError', 'loss'])
    expect(await task.evaluate(batches(), state.values, state)).toEqual(metrics)
    if (head === 'l1') expect((metrics.error as number) * (12 / 16)).toBeCloseTo(metrics.loss as number, 5)
  })
})

it('refuses actions that are not finite, naming sample, key and number', async () => {
  const actions = chunks('action', 2)
  actions[1]![2]![1] = Number.NaN
  const bad = chunkBatch(rows('state', 2, 3), actions)
  const { task, state } = await prepared(tinyChunkPolicy())
  await expect(task.computeGradients([bad], state, alone)).rejects.toMatchObject({
    code: 'data/not-finite',
    facts: { sample: 'sample 1', key: chunkKeys.action, place: 5 },
  })
})

// One state, three ways to act: left and right, two fifths each, and rarely straight on.
describe('of demonstrations with two modes', () => {
  const modes = [-1, 1, -1, 1, 0.1]
  const count = 20
  const states = Array.from({ length: count }, () => [0, 0, 0])
  const actions = Array.from({ length: count }, (_, i) =>
    Array.from({ length: 4 }, () => [modes[i % modes.length]!, 0]),
  )
  const demonstrations = chunkBatch(states, actions)

  async function trained(model: ChunkPolicyModel, steps: number) {
    const { task, state, update } = await prepared(model, 4e-3)
    let numbers: Readonly<Record<string, number>> = {}
    for (let i = 0; i < steps; i++) {
      ;({ numbers } = await task.computeGradients([demonstrations], state, alone))
      await update.apply(state, 4e-3 * Math.min(1, 2 - (2 * i) / steps))
    }
    const runner = await answersOf(engine, model, state.values)
    const answers = await runner.run(chunkFeeds(model.config, demonstrations))
    return { numbers, first: Array.from({ length: count }, (_, i) => answers[8 * i]!) }
  }

  it('L1 answers the median', async () => {
    const { first } = await trained(tinyChunkPolicy({ head: 'l1' }), 80)
    for (const value of first) expect(Math.abs(value - 0.1)).toBeLessThan(0.2)
  })

  it('flow matching draws both modes', async () => {
    const { first } = await trained(tinyChunkPolicy({ head: 'flow', decoderDepth: 2, steps: 8 }), 220)
    const near = (mode: number) => first.filter((value) => Math.abs(value - mode) < 0.4).length
    expect(near(-1)).toBeGreaterThan(3)
    expect(near(1)).toBeGreaterThan(3)
    expect(near(-1) + near(1)).toBeGreaterThan(count / 2)
  })

  it('ACT tells the modes apart by its latent, whose divergence it pays for', async () => {
    const free = await trained(tinyChunkPolicy({ head: 'act', klWeight: 0.01 }), 70)
    expect(free.numbers.l1).toBeLessThan(0.4) // in deviations of 0.5; the median has 0.8 of half of the numbers, 0.8
    expect(free.numbers.divergence).toBeGreaterThan(0.5)
    const dear = await trained(tinyChunkPolicy({ head: 'act', klWeight: 100 }), 40)
    expect(dear.numbers.divergence).toBeLessThan(0.1)
  })
})

const eye = { width: 16, depth: 1, heads: 2 }
const looking = {
  cameras: ['top'],
  text: { ...eye, length: 2 },
  fusion: eye,
  vocabulary: { vocabularySize: 4, startId: 1, endId: 2, padId: 0 },
}

describe('boxes that teach where to look', () => {
  const pixels = float32([2, 3, 8, 8], drawn('pixels', 2 * 3 * 64))
  /** A box over the first cell of four for one sample; the thing of the other is hidden. */
  const seen = chunkBatch(rows('state', 2, 3), chunks('action', 2), {
    action_is_pad: isPad,
    pixelValues: pixels,
    box: float32([2, 1, 4], [0, 0, 0.5, 0.5, 0, 0, 0, 0]),
  })

  it.each(heads)(
    'draw the first glance of %s to the cells of the box, and leave hidden things alone',
    async (head) => {
      const model = tinyChunkPolicy({ head, ...looking })
      const training = await prepared(model, 3e-3, { label: 'box', weight: 1 })
      const plain = await step(await prepared(model), seen)
      const numbers: number[] = []
      for (let i = 0; i < 40; i++) {
        const found = await training.task.computeGradients([seen], training.state, alone)
        numbers.push(found.numbers.groundingLoss!)
        if (i === 0) expect(found.loss - plain.loss).toBeCloseTo(found.numbers.groundingLoss!, 4)
        await training.update.apply(training.state, 3e-3)
      }
      // Of one sample: at first about log 4, one of four cells.
      expect(2 * numbers[0]!).toBeGreaterThan(0.5)
      expect(numbers.at(-1)!).toBeLessThan(numbers[0]! / 4)
    },
  )

  it('draw each glance to a box of its own', async () => {
    const model = tinyChunkPolicy({ head: 'l1', ...looking })
    const training = await prepared(model, 3e-3, { label: ['box', 'other'], weight: 1 })
    const other = float32([2, 1, 4], [0.5, 0.5, 1, 1, 0, 0, 0, 0])
    const batch = { ...seen, arrays: { ...seen.arrays, other } }
    let loss = Number.POSITIVE_INFINITY
    for (let i = 0; i < 60; i++) {
      const { numbers } = await training.task.computeGradients([batch], training.state, alone)
      loss = numbers.groundingLoss!
      await training.update.apply(training.state, 3e-3)
    }
    // One glance at both has 2·log 2, half of it as the mean of the two samples.
    expect(loss).toBeLessThan(Math.log(2) / 2)
  })
})

// A bright square of two by two pixels anywhere in the picture, and actions that go where it is.
describe('a policy that glances', () => {
  const count = 32
  const places = Array.from({ length: count }, (_, i) => {
    const stream = random(2, `place ${i}`)
    return [stream.integer(7), stream.integer(7)] as const
  })
  const pictures = places.flatMap(([x, y]) =>
    Array.from({ length: 3 * 64 }, (_, i) => {
      const [column, row] = [i % 8, Math.floor((i % 64) / 8)]
      return (column - x) >>> 1 === 0 && (row - y) >>> 1 === 0 ? 1 : -1
    }),
  )
  const goals = places.map(([x, y]) => Array.from({ length: 4 }, () => [x / 3 - 1, y / 3 - 1]))
  const boxes = places.flatMap(([x, y]) => [x / 8, y / 8, (x + 2) / 8, (y + 2) / 8])
  const demonstrations = chunkBatch(
    places.map(() => [0, 0, 0]),
    goals,
    { pixelValues: float32([count, 3, 8, 8], pictures), box: float32([count, 1, 4], boxes) },
  )

  /** Mean error of the answers after some steps, in normalized units. */
  async function errorOf({ fusion, ...others }: typeof looking, glances: boolean) {
    const model = tinyChunkPolicy({ ...others, ...(glances && { fusion }) })
    const grounding = glances ? { label: 'box', weight: 1 } : undefined
    const { task, state, update } = await prepared(model, 4e-3, grounding)
    for (let i = 0; i < 60; i++) {
      await task.computeGradients([demonstrations], state, alone)
      await update.apply(state, 4e-3 * Math.min(1, 2 - i / 30))
    }
    const runner = await answersOf(engine, model, state.values)
    return (await chunkMetrics(runner, model.config, each(demonstrations))).error
  }

  it('learns to go to places much sooner than one that does not', async () => {
    expect(await errorOf(looking, true)).toBeLessThan(0.5 * (await errorOf(looking, false)))
  })
})

async function* each(batch: Batch) {
  yield batch
}
