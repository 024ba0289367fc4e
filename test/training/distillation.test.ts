import { describe, expect, it } from 'vitest'
import { type Batch, concatenateRows, float32, random, sliceRows } from '../../src/core/index.ts'
import { type Arena, Engine } from '../../src/engine/index.ts'
import { input } from '../../src/graph/index.ts'
import { type DualEncoder, PolicyPrograms } from '../../src/models/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { sgd } from '../../src/optim/index.ts'
import {
  type AddedLosses,
  alone,
  contrastiveTask,
  type DualEncoderTerm,
  dualEncoderDistillation,
  dualEncoderTerms,
  policyTask,
  prepareTraining,
  type Task,
} from '../../src/training/index.ts'
import { membersOf } from './members.ts'
import { brightPatches, everyHead, smallPolicy, usualOptions } from './synthetic-policy.ts'
import { smallClip, smallSiglip, syntheticBatch } from './synthetic-run.ts'
import { addedToPolicy, outputsOf } from './taught-policy.ts'

type Gradients = ReadonlyMap<string, Float32Array>

const copyOf = async (arena: Arena): Promise<Gradients> =>
  new Map([...(await arena.read())].map(([name, { data }]) => [name, data.slice()]))

const piece = ({ ids, arrays }: Batch, start: number, end: number): Batch => ({
  ids: ids.slice(start, end),
  arrays: Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [name, sliceRows(array, start, end)]),
  ),
})

/** Nothing differs by more than 1e-5 of the largest number of all. */
function expectSame(actual: Gradients, expected: Gradients): void {
  const largest = Math.max(...[...expected.values()].flatMap((values) => [...values].map(Math.abs)))
  expect([...actual.keys()]).toEqual([...expected.keys()])
  for (const [name, values] of actual) {
    const reference = expected.get(name)!
    const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[i]!)), 0)
    expect(worst / largest, name).toBeLessThan(1e-5)
  }
}

/** Unit vectors [rows, width]. */
function unitRows(rows: number, width: number, seed: number) {
  const stream = random(seed, 'unit')
  const vectors = Array.from({ length: rows }, () => {
    const vector = Array.from({ length: width }, () => stream.normal())
    return vector.map((x) => x / Math.hypot(...vector))
  })
  return float32([rows, width], vectors.flat())
}

/** A batch with the features of a teacher of the student's width and of one of another. */
const taught: Batch = {
  ...syntheticBatch(8, 0),
  arrays: {
    ...syntheticBatch(8, 0).arrays,
    'teacher1.imageFeatures': unitRows(8, 24, 1),
    'teacher1.textFeatures': unitRows(8, 24, 2),
    'teacher2.imageFeatures': unitRows(8, 16, 3),
    'teacher2.textFeatures': unitRows(8, 16, 4),
  },
}

const allTerms: DualEncoderTerm[] = [
  { kind: 'logits', weight: 1, temperature: 4 },
  { kind: 'features', weight: 2 },
  { kind: 'interactive', weight: 1 },
  { kind: 'affinity', weight: 0.5, temperature: 1 },
  { kind: 'relational', weight: 3 },
]

const addedTo = (model: DualEncoder, terms: readonly DualEncoderTerm[] = allTerms): AddedLosses => ({
  ownWeight: 0.3,
  terms: dualEncoderDistillation(
    model,
    [
      { name: 'teacher1', width: 24, scale: 20 },
      { name: 'teacher2', width: 16, scale: 10 },
    ],
    terms,
  ),
})

const prepared = async (task: Task) => {
  const engine = new Engine({ threads: 1 })
  const { state } = await prepareTraining({ task, engine, optimizer: sgd(), seed: 3 })
  return { task, state }
}

describe.each([
  ['CLIP', smallClip],
  ['SigLIP', smallSiglip],
])('a %s that learns from two teachers by every term', (_, build) => {
  const student = () => {
    const model = build()
    return prepared(contrastiveTask(model, { added: addedTo(model) }))
  }

  it('has the loss and gradients of the whole batch in micro-batches', async () => {
    const { task, state } = await student()
    const whole = await task.computeGradients([taught], state, alone, { sampleLosses: true })
    const expected = await copyOf(state.gradients)
    for (const name of ['distillation.teacher1.image.weight', 'distillation.teacher1.text.weight'])
      expect(Math.max(...expected.get(name)!.map(Math.abs))).toBeGreaterThan(1e-3)
    const pieces = [piece(taught, 0, 3), piece(taught, 3, 6), piece(taught, 6, 8)]
    const parts = await task.computeGradients(pieces, state, alone, { sampleLosses: true })
    expect(parts.loss).toBeCloseTo(whole.loss, 4)
    for (const kind of dualEncoderTerms) expect(parts.numbers[`${kind}Loss`]).toBeGreaterThan(0)
    for (const [name, value] of Object.entries(whole.numbers))
      expect(parts.numbers[name], name).toBeCloseTo(value, 4)
    expectSame(await copyOf(state.gradients), expected)
    const mean = whole.sampleLosses!.reduce((sum, loss) => sum + loss, 0) / 8
    expect(mean).toBeCloseTo(whole.loss, 4)
  })

  it('has the gradients of the whole batch over several members', async () => {
    const { task, state } = await student()
    await task.computeGradients([taught], state, alone)
    const expected = await copyOf(state.gradients)
    const parts = [[piece(taught, 0, 4)], [piece(taught, 4, 7), piece(taught, 7, 8)]]
    const members = await Promise.all(
      membersOf(2).map(async (communicator, rank) => {
        const member = await student()
        await member.task.computeGradients(parts[rank]!, member.state, communicator)
        return copyOf(member.state.gradients)
      }),
    )
    const [first, second] = members as [Gradients, Gradients]
    const sum = [...first].map(
      ([name, values]) => [name, values.map((value, i) => value + second.get(name)![i]!)] as const,
    )
    expectSame(new Map(sum), expected)
  })
})

it('a student whose image features are computed once has the same loss and gradients', async () => {
  const model = smallClip()
  const { task, state } = await prepared(contrastiveTask(model, { added: addedTo(model) }))
  const whole = await task.computeGradients([taught], state, alone)
  const expected = await copyOf(state.gradients)
  const imageFeatures = await rawImageFeatures(model, state.values, taught)
  const { pixelValues: _, ...arrays } = taught.arrays
  const cached = { ids: taught.ids, arrays: { ...arrays, imageFeatures } }
  for (const batches of [[cached], [piece(cached, 0, 3), piece(cached, 3, 8)]]) {
    const { loss } = await task.computeGradients(batches, state, alone)
    expect(loss).toBeCloseTo(whole.loss, 4)
    const found = await copyOf(state.gradients)
    const ofOthers = (all: Gradients) => new Map([...all].filter(([name]) => !/^vis/.test(name)))
    expectSame(ofOthers(found), ofOthers(expected))
  }
})

/** Image features before their normalization. */
async function rawImageFeatures(model: DualEncoder, values: Arena, { arrays }: Batch) {
  const engine = new Engine({ threads: 1 })
  const pixels = arrays.pixelValues!
  const outputs = { features: model.encodeImage(input('pixelValues', pixels.shape)) }
  const weights = await values.read()
  const program = await engine.compile(outputs)
  const names = [...namedParameters(model).keys()].filter((name) => program.inputNames.includes(name))
  const feeds = Object.fromEntries(names.map((name) => [name, weights.get(name)!]))
  const { features } = await program.run({ ...feeds, pixelValues: pixels })
  return float32(features!.dims, features!.data as Float32Array)
}

describe('a policy that learns from a teacher by its outputs and its attention', () => {
  it('has the loss and gradients of the whole batch in micro-batches, images shared or not', async () => {
    const model = smallPolicy(everyHead, 0)
    const teacher = smallPolicy(everyHead, 0)
    const known = await prepareTraining({
      task: policyTask(teacher, usualOptions),
      engine: new Engine({ threads: 1 }),
      optimizer: sgd(),
      seed: 8,
    })
    const outputs = outputsOf(await PolicyPrograms.create(known.state.engine, teacher, known.state.values))
    const added = addedToPolicy(model)
    const { task, state } = await prepared(policyTask(model, { ...usualOptions, added }))
    const plain = brightPatches(12, 0, (label, sample) => !(label === 'grasp' && sample < 6))
    const shared = { ...plain, arrays: { ...plain.arrays, pixelValues: repeated(plain) } }
    for (const batch of [plain, shared]) {
      const whole = { ...batch, arrays: { ...batch.arrays, ...(await outputs(batch)) } }
      const { loss, numbers } = await task.computeGradients([whole], state, alone)
      expect(numbers.teacherOutputsLoss).toBeGreaterThan(0)
      expect(numbers.teacherAttentionLoss).toBeGreaterThan(0)
      const expected = await copyOf(state.gradients)
      const pieces = [piece(whole, 0, 4), piece(whole, 4, 12)]
      const parts = await task.computeGradients(pieces, state, alone)
      expect(parts.loss).toBeCloseTo(loss, 4)
      expectSame(await copyOf(state.gradients), expected)
    }
  })
})

/** The pixels of a batch in which every second sample has the image of the one before. */
function repeated({ arrays }: Batch) {
  const pixels = arrays.pixelValues!
  return concatenateRows(
    Array.from({ length: 12 }, (_, i) => sliceRows(pixels, i - (i % 2), i - (i % 2) + 1)),
  )
}
