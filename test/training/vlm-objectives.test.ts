import { describe, expect, it } from 'vitest'
import { floatingPointOperations } from '../../benchmarks/floating-point-operations.ts'
import { type Batch, hostArray, int64, random, splitRows } from '../../src/core/index.ts'
import { type Arena, Engine } from '../../src/engine/index.ts'
import { gradientsOf, input, scalar, topologicalOrder } from '../../src/graph/index.ts'
import {
  graphOverArena,
  imageTokensGraph,
  type MaskedSizes,
  maskedGraph,
  maskedRunner,
  VlmModel,
} from '../../src/models/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { adamW, sgd } from '../../src/optim/index.ts'
import {
  addLosses,
  alone,
  cachedFeatureTask,
  captioningLoss,
  captioningOf,
  drawMasks,
  dualEncoderContrast,
  type FeatureObjective,
  frozenPatches,
  type MaskedMetrics,
  maskCounts,
  maskedLoss,
  maskedOf,
  prepareTraining,
  type Task,
} from '../../src/training/index.ts'
import { splitBatch } from '../../src/training/micro-batches.ts'
import { Leaves } from '../../src/training/strategies/leaves.ts'
import { colorBatch, randomPairs, smallVlm } from '../support/small-vlm.ts'

const engine = new Engine({ threads: 1 })
const even = { weights: { patches: 1, words: 1 }, withoutImage: 0.25 }

const taskOf = (
  model: VlmModel,
  objective: FeatureObjective,
  evaluator?: ReturnType<typeof maskedOf>,
): Task =>
  cachedFeatureTask({
    name: 'test',
    parameters: namedParameters(model),
    seed: 3,
    ...objective,
    ...(evaluator && { evaluator }),
  })

const allOf = (model: VlmModel): FeatureObjective =>
  addLosses([
    { name: 'captioning', weight: 2, objective: captioningLoss(model) },
    { name: 'contrastive', weight: 0.5, objective: dualEncoderContrast(model) },
    { name: 'masked', weight: 1.5, objective: maskedLoss(model, even) },
  ])

const copyOf = async (arena: Arena) =>
  new Map([...(await arena.read())].map(([name, { data }]) => [name, (data as Float32Array).slice()]))

/** Loss and gradients of the first step. */
async function firstStep(task: Task, pieces: readonly Batch[]) {
  const { state } = await prepareTraining({ task, engine, optimizer: sgd(), seed: 5 })
  task.memory!.value = { steps: 0 }
  const result = await task.computeGradients(pieces, state, alone, { sampleLosses: true })
  return { result, gradients: await copyOf(state.gradients) }
}

describe('objectives of one model in a sum', () => {
  const batch = randomPairs(8, 0)

  it('have the weighted sum of their losses and gradients, and of the losses of samples', async () => {
    const parts: [number, (model: VlmModel) => FeatureObjective][] = [
      [2, captioningLoss],
      [0.5, dualEncoderContrast],
      [1.5, (model) => maskedLoss(model, even)],
    ]
    const model = smallVlm()
    const sum = await firstStep(taskOf(model, allOf(model)), [batch])
    const alones = await Promise.all(
      parts.map(async ([weight, objective]) => {
        const own = smallVlm()
        return { weight, ...(await firstStep(taskOf(own, objective(own)), [batch])) }
      }),
    )
    const loss = alones.reduce((total, { weight, result }) => total + weight * result.loss, 0)
    expect(sum.result.loss).toBeCloseTo(loss, 4)
    expect(sum.result.numbers).toMatchObject({
      captioningLoss: expect.closeTo(alones[0]!.result.loss, 4),
      contrastiveLoss: expect.closeTo(alones[1]!.result.loss, 4),
      maskedLoss: expect.closeTo(alones[2]!.result.loss, 4),
    })
    for (const [name, values] of sum.gradients)
      for (const [i, value] of values.entries()) {
        const expected = alones.reduce(
          (total, { weight, gradients }) => total + weight * gradients.get(name)![i]!,
          0,
        )
        expect(Math.abs(value - expected), name).toBeLessThan(2e-4)
      }
  })

  it.each([3, 5])('have the same loss and gradients in micro-batches of %d', async (size) => {
    const model = smallVlm()
    const whole = await firstStep(taskOf(model, allOf(model)), [batch])
    const other = smallVlm()
    const pieces = await firstStep(taskOf(other, allOf(other)), splitBatch(batch, size))
    expect(pieces.result.loss).toBeCloseTo(whole.result.loss, 5)
    const largest = Math.max(...[...whole.gradients.values()].flatMap((values) => [...values].map(Math.abs)))
    for (const [name, values] of pieces.gradients)
      for (const [i, value] of values.entries())
        expect(Math.abs(value - whole.gradients.get(name)![i]!) / largest, name).toBeLessThan(1e-5)
    for (const [i, value] of pieces.result.sampleLosses!.entries())
      expect(value).toBeCloseTo(whole.result.sampleLosses![i]!, 4)
  })

  it.each<[string, Partial<MaskedSizes>]>([
    ['replaced', {}],
    ['dropped', { patches: 'dropped' }],
  ])('have gradients that central differences confirm, with masked patches %s', async (_, masked) => {
    const model = smallVlm(masked)
    const task = taskOf(model, allOf(model))
    const { state } = await prepareTraining({ task, engine, optimizer: sgd(), seed: 5 })
    const lossAt = async () => {
      task.memory!.value = { steps: 0 }
      return (await task.computeGradients([batch], state, alone)).loss
    }
    await lossAt()
    const gradients = await copyOf(state.gradients)
    const values = await copyOf(state.values)
    const stream = random(2, 'direction')
    const direction = new Map([...values].map(([name, x]) => [name, x.map(() => stream.uniform(-1, 1))]))
    const along = async (distance: number) => {
      const moved = [...values].map(([name, x]) => {
        const data = x.map((value, i) => value + distance * direction.get(name)![i]!)
        return [name, hostArray('float32', [x.length], data)] as const
      })
      await state.values.write(new Map(moved))
      return lossAt()
    }
    const numeric = ((await along(1e-3)) - (await along(-1e-3))) / 2e-3
    const slope = [...gradients].reduce(
      (sum, [name, gradient]) => gradient.reduce((part, g, i) => part + g * direction.get(name)![i]!, sum),
      0,
    )
    expect(Math.abs(slope - numeric)).toBeLessThan(0.02 * Math.abs(numeric) + 0.02)
  })
})

describe.each(['replaced', 'dropped'] as const)('masked patches that are %s', (patches) => {
  const batch = randomPairs(4, 1)

  it('and masked words tell nothing: other pixels and words there change no output', async () => {
    const model = smallVlm({ patches })
    const { state } = await prepareTraining({
      task: taskOf(model, maskedLoss(model, even)),
      engine,
      optimizer: sgd(),
      seed: 5,
    })
    const runner = maskedRunner(await graphOverArena(engine, model, state.values, () => maskedGraph(model)))
    const masks = drawMasks(batch, (id) => random(1, id), maskCounts(model))
    const imageSeen = hostArray('float32', [4], new Float32Array(4).fill(1))
    const ask = ({ pixelValues, inputIds }: Batch['arrays']) =>
      runner.reconstruct({ pixelValues: pixelValues!, inputIds: inputIds!, ...masks, imageSeen })
    const { pixelValues, inputIds } = batch.arrays
    const known = await ask(batch.arrays)

    const pixels = (pixelValues!.data as Float32Array).slice()
    const visible = splitRows(masks.visiblePatches.data, 4)
    const moved = (inPlaces: (row: number, patch: number) => boolean) =>
      hostArray(
        'float32',
        pixelValues!.shape,
        pixels.map((value, i) => {
          const [row, y, x] = [Math.floor(i / 192), Math.floor((i % 64) / 8), i % 8]
          return inPlaces(row, 2 * Math.floor(y / 4) + Math.floor(x / 4)) ? value + 3 : value
        }),
      )
    const isMasked = (row: number, patch: number) => !visible[row]!.includes(BigInt(patch))
    const ids = (inputIds!.data as BigInt64Array).slice()
    for (const [row, places] of splitRows(masks.maskedTokens.data, 4).entries())
      for (const place of places) if (place >= 0n) ids[row * 6 + Number(place)] = 19n
    const others = { pixelValues: moved(isMasked), inputIds: hostArray('int64', [4, 6], ids) }
    const found = await ask(others)
    expect(found.patches).toEqual(known.patches)
    expect(found.words).toEqual(known.words)

    const seen = await ask({ pixelValues: moved((row, patch) => !isMasked(row, patch)), inputIds: inputIds! })
    expect(seen.patches).not.toEqual(known.patches)
    expect(seen.logProbabilities).not.toEqual(known.logProbabilities)
  })

  it('leave words that read no image as they are, whatever the image', async () => {
    const model = smallVlm({ patches })
    const { state } = await prepareTraining({
      task: taskOf(model, maskedLoss(model, even)),
      engine,
      optimizer: sgd(),
      seed: 5,
    })
    const runner = maskedRunner(await graphOverArena(engine, model, state.values, () => maskedGraph(model)))
    const masks = drawMasks(batch, (id) => random(1, id), maskCounts(model))
    const imageSeen = hostArray('float32', [4], new Float32Array(4))
    const ask = (pixelValues: Batch['arrays'][string]) =>
      runner.reconstruct({ pixelValues, inputIds: batch.arrays.inputIds!, ...masks, imageSeen })
    const one = await ask(batch.arrays.pixelValues!)
    const other = await ask(randomPairs(4, 2).arrays.pixelValues!)
    expect(other.logProbabilities).toEqual(one.logProbabilities)
  })
})

describe('a model where the image decides the word', () => {
  it('learns it: the losses fall, and it tells masked words with the image and not without', async () => {
    const model = smallVlm()
    const task = taskOf(model, maskedLoss(model, { ...even, withoutImage: 0.1 }), maskedOf(model))
    const { state, update } = await prepareTraining({
      task,
      engine,
      optimizer: adamW({ learningRate: 1e-2 }),
      seed: 5,
    })
    const losses: { loss: number; patchLoss: number }[] = []
    for (let step = 0; step < 60; step++) {
      const { loss, numbers } = await task.computeGradients([colorBatch(16, step)], state, alone)
      losses.push({ loss, patchLoss: numbers.patchLoss! })
      await update.apply(state, 1e-2)
    }
    expect(losses.at(-1)!.loss).toBeLessThan(0.6 * losses[0]!.loss)
    expect(losses.at(-1)!.patchLoss).toBeLessThan(losses[0]!.patchLoss)
    const held = (async function* () {
      yield colorBatch(32, 1000)
    })()
    const metrics = (await task.evaluate(held, state.values, state)) as MaskedMetrics
    expect(metrics.words).toBe(32)
    expect(metrics.imageGain!.lowestAccuracy).toBeGreaterThan(0.2)
    expect(metrics.withImage.accuracy).toBeGreaterThan(0.9)
    expect(metrics.withoutImage.accuracy).toBeLessThan(0.6)
    expect(metrics.otherImages!.accuracy).toBeLessThan(0.6)
    expect(metrics.withImage.loss).toBeLessThan(metrics.withoutImage.loss)
  })

  it('learns to caption it', async () => {
    const model = smallVlm()
    const task = taskOf(model, captioningLoss(model), captioningOf(model))
    const { state, update } = await prepareTraining({
      task,
      engine,
      optimizer: adamW({ learningRate: 1e-2 }),
      seed: 5,
    })
    for (let step = 0; step < 40; step++) {
      await task.computeGradients([colorBatch(16, step)], state, alone)
      await update.apply(state, 1e-2)
    }
    const held = (async function* () {
      yield colorBatch(32, 1000)
    })()
    const metrics = await task.evaluate(held, state.values, state)
    expect(metrics).toMatchObject({ words: 64 })
    expect(metrics.wordAccuracy).toBeGreaterThan(0.9)
    expect(metrics.perplexity).toBeLessThan(1.6)
  })
})

it('dropped patches save the image tower its share of the work', () => {
  const operations = (patches: 'replaced' | 'dropped') => {
    const model = smallVlm({ patches, patchRatio: 0.75 })
    const named = [...namedParameters(model)].filter(([name]) => name.startsWith('vision_model.'))
    const pixels = input('pixels', [4, 3, 8, 8])
    const hidden =
      patches === 'dropped'
        ? { visible: input('visible', [4, 1], 'int64') }
        : { mask: input('mask', [4, 4], 'bool'), embedding: model.maskedModel!.patchMaskEmbedding.tensor }
    const tokens = model.visionModel.patches(pixels, hidden)
    const parameters = named.map(([, { tensor }]) => tensor)
    const flow = [{ y: tokens.square().sum(), dy: scalar(1) }]
    return floatingPointOperations(topologicalOrder(gradientsOf(flow, parameters)))
  }
  // One patch of four and the class token: 2 of 5 tokens, and less than that for attention.
  expect(operations('dropped') / operations('replaced')).toBeLessThan(2 / 5 + 0.02)
})

it('texts without words count for patches alone', async () => {
  const model = smallVlm()
  const { arrays, ids } = randomPairs(2, 3)
  const empty = int64([2, 6], [20, 21, 21, 21, 21, 21, 20, 21, 21, 21, 21, 21])
  const { result } = await firstStep(taskOf(model, maskedLoss(model, even)), [
    { ids, arrays: { ...arrays, inputIds: empty } },
  ])
  expect(result.numbers.wordLoss).toBeCloseTo(0, 9)
  expect(result.loss).toBeCloseTo(result.numbers.patchLoss!, 6)
})

it('features of a frozen tower stay as they are while the model learns', async () => {
  const model = smallVlm({ target: 'features' })
  const task = taskOf(model, maskedLoss(model, even))
  const { state, update } = await prepareTraining({
    task,
    engine,
    optimizer: adamW({ learningRate: 1e-2 }),
    seed: 5,
  })
  const outputsOf = await frozenPatches(engine, model, await state.values.read())
  const batch = randomPairs(4, 4)
  const run = await graphOverArena(engine, model, state.values, () => imageTokensGraph(model))
  const ofModel = async () => {
    const { patches } = await run({ pixel_values: batch.arrays.pixelValues! })
    return Float32Array.from(patches!.data as Float32Array)
  }
  const before = await ofModel()
  const targets = await outputsOf(batch)
  expect(targets.targetFeatures!.shape).toEqual([4, 4, 16])
  expect(targets.targetFeatures!.data).toEqual(before)
  await task.computeGradients([{ ...batch, arrays: { ...batch.arrays, ...targets } }], state, alone)
  await update.apply(state, 1e-2)
  expect(await ofModel()).not.toEqual(before)
  expect((await outputsOf(batch)).targetFeatures!.data).toEqual(before)
})

it('captions need a start token', () => {
  const { config } = smallVlm()
  const without = { ...config, text_config: { ...config.text_config, bos_token_id: null } }
  expect(() => captioningLoss(new VlmModel(without))).toThrow('no start token')
})

it('contrast and captions share one pass through each tower', () => {
  const { arrays } = randomPairs(4, 5)
  const operations = (objective: (model: VlmModel) => FeatureObjective) => {
    const model = smallVlm()
    namedParameters(model)
    const leaves = new Leaves(arrays, (x) => x)
    const built = objective(model)
    return floatingPointOperations(topologicalOrder([built.loss(built.features(leaves), leaves).loss]))
  }
  const [contrast, captions] = [operations(dualEncoderContrast), operations(captioningLoss)]
  const both = operations((model) =>
    addLosses([
      { name: 'captioning', weight: 1, objective: captioningLoss(model) },
      { name: 'contrastive', weight: 1, objective: dualEncoderContrast(model) },
    ]),
  )
  expect(both).toBeLessThan(captions + 0.1 * contrast)
})
