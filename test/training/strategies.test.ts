import { describe, expect, it } from 'vitest'
import { type Batch, hostArray, random } from '../../src/core/index.ts'
import { type Arena, Engine } from '../../src/engine/index.ts'
import { Parameter, zerosInit } from '../../src/nn/index.ts'
import { type ParameterRule, sgd } from '../../src/optim/index.ts'
import {
  alone,
  type Communicator,
  cachedFeatureTask,
  lossTask,
  type ModelState,
  prepareTraining,
  type StepResult,
  type Task,
} from '../../src/training/index.ts'
import { splitBatch } from '../../src/training/micro-batches.ts'
import { distillation, exampleBatch, towersThatReconstruct } from './example-tasks.ts'
import { membersOf } from './members.ts'

type Gradients = ReadonlyMap<string, Float32Array>

const engine = new Engine({ threads: 1 })

const prepared = (task: Task, rules: readonly ParameterRule[] = []) =>
  prepareTraining({ task, engine, optimizer: sgd(), rules, seed: 3 })

const copyOf = async (arena: Arena): Promise<Gradients> =>
  new Map([...(await arena.read())].map(([name, { data }]) => [name, data.slice()]))

/** One step, with the dropout masks of the first step. */
async function step(
  task: Task,
  state: ModelState,
  pieces: readonly Batch[],
  communicator: Communicator = alone,
): Promise<{ result: StepResult; gradients: Gradients }> {
  if (task.memory) task.memory.value = { steps: 0 }
  const result = await task.computeGradients(pieces, state, communicator, { sampleLosses: true })
  return { result, gradients: await copyOf(state.gradients) }
}

/** Slope of the loss along a random direction in all parameters, by gradients and by central differences. */
async function slopes(task: Task, pieces: readonly Batch[]) {
  const { state } = await prepared(task)
  const { gradients } = await step(task, state, pieces)
  const values = await copyOf(state.values)
  const stream = random(2, 'direction')
  const direction = new Map([...values].map(([name, x]) => [name, x.map(() => stream.uniform(-1, 1))]))
  const lossAt = async (distance: number) => {
    const moved = [...values].map(([name, x]) => {
      const data = x.map((value, i) => value + distance * direction.get(name)![i]!)
      return [name, hostArray('float32', [x.length], data)] as const
    })
    await state.values.write(new Map(moved))
    return (await step(task, state, pieces)).result.loss
  }
  const numeric = ((await lossAt(2e-3)) - (await lossAt(-2e-3))) / 4e-3
  const slope = [...gradients].reduce(
    (sum, [name, gradient]) => gradient.reduce((part, g, i) => part + g * direction.get(name)![i]!, sum),
    0,
  )
  return { slope, numeric }
}

function expectSame(actual: Gradients, expected: Gradients): void {
  const largest = Math.max(...[...expected.values()].flatMap((values) => [...values].map(Math.abs)))
  for (const [name, reference] of expected) {
    const worst = reference.reduce((most, g, i) => Math.max(most, Math.abs(g - actual.get(name)![i]!)), 0)
    expect(worst / largest, name).toBeLessThan(1e-5)
    expect(
      reference.some((g) => g !== 0),
      name,
    ).toBe(true)
  }
}

const sumOf = (parts: readonly Gradients[]): Gradients =>
  new Map(
    [...parts[0]!].map(([name, first]) => [
      name,
      first.map((_, i) => parts.reduce((sum, part) => sum + part.get(name)![i]!, 0)),
    ]),
  )

const batch = exampleBatch(8)

describe.each([
  ['the mean over samples', distillation],
  ['cached features', towersThatReconstruct],
] as const)('a task of %s', (_, create) => {
  it.each([
    ['whole', [batch]],
    ['in micro-batches', splitBatch(batch, 3)],
  ])('has the gradient that its loss has, %s', async (_, pieces) => {
    const { slope, numeric } = await slopes(create(), pieces)
    expect(Math.abs(slope)).toBeGreaterThan(0.1)
    expect(Math.abs(slope - numeric)).toBeLessThan(0.005 * Math.abs(numeric))
  })

  it('gives for micro-batches and for members what it gives for the whole, dropout included', async () => {
    const task = create(0.3, 7)
    const { state } = await prepared(task)
    const whole = await step(task, state, [batch])
    const inPieces = await step(task, state, splitBatch(batch, 3))
    // The first member has five samples in two pieces, the second three in one.
    const [most, rest] = splitBatch(batch, 5) as [Batch, Batch]
    const shares = [splitBatch(most, 3), [rest]]
    const members = await Promise.all(
      membersOf(2).map(async (communicator, rank) => {
        const own = create(0.3, 7)
        const { state } = await prepared(own)
        return step(own, state, shares[rank]!, communicator)
      }),
    )
    expectSame(inPieces.gradients, whole.gradients)
    expectSame(sumOf(members.map(({ gradients }) => gradients)), whole.gradients)
    expect(inPieces.result.loss).toBeCloseTo(whole.result.loss, 5)
    for (const { result } of members) expect(result.loss).toBeCloseTo(whole.result.loss, 5)
    const samples = [...whole.result.sampleLosses!]
    for (const others of [inPieces.result.sampleLosses!, members.flatMap((m) => [...m.result.sampleLosses!])])
      expect([...others].map((loss, i) => Math.abs(loss - samples[i]!) < 1e-5)).not.toContain(false)
    expect(samples.reduce((sum, loss) => sum + loss, 0) / 8).toBeCloseTo(whole.result.loss, 5)
  })

  it('drops the same numbers in all passes of a step, and others in the next', async () => {
    const pieces = splitBatch(batch, 3)
    const { slope, numeric } = await slopes(create(0.4, 7), pieces)
    expect(Math.abs(slope - numeric)).toBeLessThan(0.005 * Math.abs(numeric))

    const task = create(0.4, 7)
    const { state } = await prepared(task)
    const first = await step(task, state, pieces)
    const second = await task.computeGradients(pieces, state, alone)
    expect(task.memory!.value).toEqual({ steps: 2 })
    expect(second.loss).not.toBe(first.result.loss)
    expect((await step(task, state, pieces)).result.loss).toBe(first.result.loss)
  })

  it('without an evaluator is measured by its loss, in which nothing is dropped', async () => {
    const [dropping, plain] = [create(0.4, 7), create()]
    const { state } = await prepared(dropping)
    const batches = async function* () {
      yield batch
      yield exampleBatch(8, 1)
    }
    const losses: number[] = []
    for await (const each of batches())
      losses.push((await plain.computeGradients([each], (await prepared(plain)).state, alone)).loss)
    const { loss } = await dropping.evaluate(batches(), state.values, state)
    expect(loss).toBeCloseTo((losses[0]! + losses[1]!) / 2, 5)
    await expect(dropping.evaluate((async function* () {})(), state.values, state)).rejects.toMatchObject({
      code: 'data/empty',
    })
  })

  it('leaves frozen parameters alone, whole and in pieces', async () => {
    for (const pieces of [[batch], splitBatch(batch, 3)]) {
      const task = create()
      const frozen = [...task.parameters.keys()][0]!
      const { state } = await prepared(task, [{ pattern: frozen, freeze: true }])
      const { gradients } = await step(task, state, pieces)
      expect([...gradients.keys()].toSorted()).toEqual(
        [...task.parameters.keys()].filter((name) => name !== frozen).toSorted(),
      )
      for (const [name, gradient] of gradients)
        expect(
          gradient.some((g) => g !== 0),
          name,
        ).toBe(true)
    }
  })

  it('reads batches of other sizes, and says which array is missing', async () => {
    const task = create()
    const { state } = await prepared(task)
    await step(task, state, [batch])
    await step(task, state, [exampleBatch(5)])
    const { tokens, ...others } = batch.arrays
    await expect(step(task, state, [{ ...batch, arrays: others }])).rejects.toMatchObject({
      code: 'training/no-array',
      message: expect.stringContaining("no array 'tokens'"),
    })
  })

  it('drops nothing without a seed', async () => {
    const task = create(0.4)
    await expect(step(task, (await prepared(task)).state, [batch])).rejects.toMatchObject({
      code: 'training/no-seed',
    })
  })
})

it('features must have a row for each sample', async () => {
  const weight = new Parameter([], zerosInit)
  weight.name = 'weight'
  const task = cachedFeatureTask({
    name: 'flat',
    parameters: new Map([['weight', weight]]),
    features: (leaves) => ({ tokens: leaves.get('tokens').reshape([-1, 6]).mul(weight.tensor) }),
    loss: ({ tokens }) => ({ loss: tokens!.mean() }),
  })
  const { state } = await prepared(task)
  await expect(step(task, state, splitBatch(batch, 3))).rejects.toMatchObject({ code: 'shape/feature' })
})

it('a task that does not know the losses of samples gives none, and one that drops nothing remembers nothing', async () => {
  const weight = new Parameter([], zerosInit)
  weight.name = 'weight'
  const task = lossTask({
    name: 'plain',
    parameters: new Map([['weight', weight]]),
    loss: (leaves) => ({ loss: leaves.get('tokens').mul(weight.tensor).mean() }),
  })
  const { state } = await prepared(task)
  const { result } = await step(task, state, [batch])
  expect(result).toEqual({ loss: 0, numbers: {} })
  expect(task.memory).toBeUndefined()
})
