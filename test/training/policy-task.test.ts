import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Batch, float32, hostArray, random } from '../../src/core/index.ts'
import type { Arena } from '../../src/engine/index.ts'
import { adamW } from '../../src/optim/index.ts'
import {
  alone,
  type LogRecord,
  type Metrics,
  type StepResult,
  type TaskWeighting,
} from '../../src/training/index.ts'
import { hashOf } from '../support/hash-of.ts'
import { membersOf } from './members.ts'
import {
  brightPatches,
  brightStream,
  everyHead,
  policyTrainer,
  smallPolicy,
  usualOptions,
} from './synthetic-policy.ts'

const newRun = () => mkdtempSync(join(tmpdir(), 'visuomotor-'))

const copyOf = async (arena: Arena) =>
  new Map([...(await arena.read())].map(([name, { data }]) => [name, data.slice()]))

/** Samples [start, end) of a batch. */
const piece = (batch: Batch, start: number, end: number): Batch => ({
  ids: batch.ids.slice(start, end),
  arrays: Object.fromEntries(
    Object.entries(batch.arrays).map(([name, { dtype, shape, data }]) => {
      const width = data.length / shape[0]!
      const rows = data.subarray(start * width, end * width)
      return [name, hostArray(dtype, [end - start, ...shape.slice(1)], rows)]
    }),
  ),
})

/** Loss and numbers of a step. */
const numbersOf = async (step: Promise<StepResult>): Promise<Record<string, number>> => {
  const { loss, numbers } = await step
  return { loss, ...numbers }
}

async function* batches(from: number, to: number) {
  for (let i = from; i < to; i++) yield brightPatches(32, i)
}

const success = (metrics: Metrics, head: string) => (metrics[head] as { success: number }).success

/** Not one sample in three has all labels, and none has a weight. */
const patchy = (label: string, sample: number) =>
  label === 'weight' ? false : label === 'grasp' ? sample % 3 === 0 : sample % 4 !== 1

describe('a policy', () => {
  it('learns boxes, classes, poses, places and joints of patches it has not seen', async () => {
    const { weight: _, kind: __, ...heads } = everyHead
    const { trainer, task, state } = await policyTrainer({
      run: newRun(),
      model: smallPolicy(heads, 0),
      openStream: brightStream(32, 64),
      totalSteps: 250,
    })
    const before = await task.evaluate(batches(100, 104), state.values, state)
    expect(before.success).toBeLessThan(0.2)
    await trainer.run()
    const after = await task.evaluate(batches(100, 104), state.values, state)
    for (const head of Object.keys(heads)) expect(success(after, head), head).toBeGreaterThan(0.9)
    expect((after.detection as { accuracy: number }).accuracy).toBeGreaterThan(0.95)
  })

  it('has the gradient that its loss has', async () => {
    const model = smallPolicy(everyHead, 0)
    const { task, state } = await policyTrainer({
      run: newRun(),
      model,
      taskOptions: { weighting: { kind: 'uncertainty' } },
    })
    const batch = brightPatches(6, 0, (label, sample) => !(label === 'grasp' && sample < 2))
    await task.computeGradients([batch], state, alone)
    const gradients = await copyOf(state.gradients)
    const values = await copyOf(state.values)
    const stream = random(2, 'direction')
    const direction = new Map(
      [...values].map(([name, value]) => [name, value.map(() => stream.uniform(-1, 1))]),
    )
    const lossAt = async (distance: number) => {
      const moved = [...values].map(([name, value]) => {
        const along = direction.get(name)!
        return [
          name,
          hostArray(
            'float32',
            [value.length],
            value.map((x, i) => x + distance * along[i]!),
          ),
        ] as const
      })
      await state.values.write(new Map(moved))
      return (await task.computeGradients([batch], state, alone)).loss
    }
    const step = 2e-4
    const numeric = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step)
    const slope = [...gradients].reduce(
      (sum, [name, gradient]) => gradient.reduce((part, g, i) => part + g * direction.get(name)![i]!, sum),
      0,
    )
    expect(Math.abs(slope)).toBeGreaterThan(0.5)
    expect(Math.abs(slope - numeric)).toBeLessThan(0.02 * Math.abs(numeric))
  })
})

/** No sample has a box and a category, and those with boxes are fewer. */
const eitherOr = (label: string, sample: number) =>
  label === 'box' ? sample < 3 : label === 'category' ? sample > 3 : true

describe('a batch of a policy', () => {
  it.each<{ kind: string; weighting: TaskWeighting; has: typeof patchy }>([
    { kind: 'manual', weighting: { kind: 'manual', weights: { grasping: 0.3 } }, has: patchy },
    { kind: 'uncertainty', weighting: { kind: 'uncertainty' }, has: patchy },
    { kind: 'uncertainty, boxes without categories', weighting: { kind: 'uncertainty' }, has: eitherOr },
  ])(
    'in micro-batches gives the loss and gradients of the whole, labels missing here and there ($kind)',
    async ({ weighting, has }) => {
      const model = smallPolicy(everyHead, 0)
      const { task, state } = await policyTrainer({ run: newRun(), model, taskOptions: { weighting } })
      const batch = brightPatches(12, 0, has)
      const whole = await numbersOf(task.computeGradients([batch], state, alone))
      const expected = await copyOf(state.gradients)
      const pieces = [piece(batch, 0, 1), piece(batch, 1, 7), piece(batch, 7, 12)]
      const parts = await numbersOf(task.computeGradients(pieces, state, alone))
      for (const [name, value] of Object.entries(whole)) expect(parts[name]!, name).toBeCloseTo(value, 4)
      const largest = Math.max(...[...expected.values()].flatMap((all) => [...all].map(Math.abs)))
      for (const [name, gradient] of await copyOf(state.gradients)) {
        const worst = Math.max(...gradient.map((g, i) => Math.abs(g - expected.get(name)![i]!)))
        expect(worst / largest, name).toBeLessThan(1e-5)
      }
    },
  )

  it('of several members gives each its share, dropout included', async () => {
    const open = () => policyTrainer({ run: newRun(), model: smallPolicy(everyHead, 0.2) })
    const { task, state } = await open()
    const batch = brightPatches(12, 0, patchy)
    const whole = await task.computeGradients([batch], state, alone)
    const expected = await copyOf(state.gradients)
    const shares = [piece(batch, 0, 5), piece(batch, 5, 12)]
    const ofMembers = await Promise.all(
      membersOf(2).map(async (member, rank) => {
        const { task, state } = await open()
        const { loss } = await task.computeGradients([shares[rank]!], state, member)
        return { loss, gradients: await copyOf(state.gradients) }
      }),
    )
    for (const { loss } of ofMembers) expect(loss).toBeCloseTo(whole.loss, 5)
    const sum = [...expected.keys()].map((name) => {
      const [first, second] = ofMembers.map(({ gradients }) => gradients.get(name)!)
      return [name, first!.map((g, i) => g + second![i]!)] as const
    })
    const largest = Math.max(...[...expected.values()].flatMap((all) => [...all].map(Math.abs)))
    for (const [name, gradient] of sum) {
      const worst = Math.max(...gradient.map((g, i) => Math.abs(g - expected.get(name)![i]!)))
      expect(worst / largest, name).toBeLessThan(1e-5)
    }
  })

  it('draws each glance to a box of its own', async () => {
    const corner = float32([16, 4], new Array(16).fill([0, 0, 0.25, 0.25]).flat())
    const otherPresent = float32([16], new Array(16).fill(1))
    const bright = brightStream(16, 8)
    const losses: number[] = []
    const { trainer } = await policyTrainer({
      run: newRun(),
      totalSteps: 80,
      taskOptions: { grounding: { label: ['box', 'other'], weight: 1 } },
      openStream: (start) => ({
        ...bright(start),
        async *[Symbol.asyncIterator]() {
          for await (const batch of bright(start))
            yield { ...batch, arrays: { ...batch.arrays, other: corner, otherPresent } }
        },
      }),
      callbacks: [{ onLog: ({ groundingLoss }) => void losses.push(groundingLoss!) }],
    })
    await trainer.run()
    // One glance at both has log 2 for each of them.
    expect(losses.at(-1)).toBeLessThan(Math.log(2))
  })

  it('teaches a head without labels nothing, and the others all the same', async () => {
    const { task, state } = await policyTrainer({
      run: newRun(),
      taskOptions: { weighting: { kind: 'uncertainty' } },
    })
    const { weightLoss, graspingLoss } = await numbersOf(
      task.computeGradients([brightPatches(12, 0, patchy)], state, alone),
    )
    const gradients = await copyOf(state.gradients)
    expect(weightLoss).toBe(0)
    expect(graspingLoss).toBeGreaterThan(0)
    expect([...gradients.get('heads.weight.layers.0.weight')!].every((g) => g === 0)).toBe(true)
    expect(gradients.get('log_variances.weight')![0]).toBe(0)
    expect(Math.abs(gradients.get('log_variances.grasping')![0]!)).toBeGreaterThan(0)
  })

  it.each([
    ['only categories', (label: string) => label !== 'box'],
    ['only boxes', (label: string) => label !== 'category'],
    ['boxes and categories of different samples', eitherOr],
    ['both', () => true],
  ])('with %s of a detection finds its uncertainty from what is there', async (_, has) => {
    const { task, state } = await policyTrainer({
      run: newRun(),
      model: smallPolicy({ detection: everyHead.detection }),
      taskOptions: { weighting: { kind: 'uncertainty' }, grounding: undefined },
    })
    const { detectionLoss } = await numbersOf(
      task.computeGradients([brightPatches(12, 0, has)], state, alone),
    )
    const slope = (await copyOf(state.gradients)).get('log_variances.detection')![0]!
    // Of exp(−s)·L + s at s = 0: rests at L, whatever labels L is made of.
    expect(detectionLoss).toBeGreaterThan(0.1)
    expect(slope).toBeCloseTo(1 - detectionLoss!, 5)
  })

  it('whose samples share pictures sees each once, and learns the same from it', async () => {
    const { task, state } = await policyTrainer({ run: newRun(), model: smallPolicy(everyHead, 0) })
    // Three samples of the first picture, one of the second, two of the third.
    const batch = brightPatches(6, 0, patchy)
    const pixels = batch.arrays.pixelValues!.data as Float32Array
    for (const [to, from] of [
      [1, 0],
      [2, 0],
      [5, 4],
    ] as const)
      pixels.copyWithin(to * 768, from * 768, (from + 1) * 768)
    const wanted = { sampleLosses: true }
    const shared = await task.computeGradients([batch], state, alone, wanted)
    const gradients = await copyOf(state.gradients)
    // In pieces of one sample nothing can be shared.
    const singles = Array.from({ length: 6 }, (_, i) => piece(batch, i, i + 1))
    const apart = await task.computeGradients(singles, state, alone, wanted)
    for (const [name, value] of Object.entries(apart.numbers))
      expect(shared.numbers[name], name).toBeCloseTo(value, 4)
    expect(shared.loss).toBeCloseTo(apart.loss, 4)
    apart.sampleLosses!.forEach((loss, i) => {
      expect(shared.sampleLosses![i]).toBeCloseTo(loss, 4)
    })
    const expected = await copyOf(state.gradients)
    const largest = Math.max(...[...expected.values()].flatMap((all) => [...all].map(Math.abs)))
    for (const [name, gradient] of gradients) {
      const worst = Math.max(...gradient.map((g, i) => Math.abs(g - expected.get(name)![i]!)))
      expect(worst / largest, name).toBeLessThan(1e-5)
    }
  })

  it('tells the loss of each sample when it is asked to, in pieces as a whole', async () => {
    const { task, state } = await policyTrainer({ run: newRun(), model: smallPolicy(everyHead, 0) })
    const batch = brightPatches(6, 0, (label, sample) => !(label === 'weight' && sample === 3))
    const wanted = { sampleLosses: true }
    const whole = await task.computeGradients([batch], state, alone, wanted)
    const { detectionLoss, graspingLoss, navigationLoss, manipulationLoss, weightLoss, kindLoss } =
      whole.numbers
    const all = [detectionLoss, graspingLoss, navigationLoss, manipulationLoss, kindLoss]
    const total = all.reduce<number>((sum, loss) => sum + 6 * loss!, 5 * weightLoss!)
    expect(whole.sampleLosses!.reduce((sum, loss) => sum + loss, 0)).toBeCloseTo(total, 3)
    const parts = await task.computeGradients([piece(batch, 0, 4), piece(batch, 4, 6)], state, alone, wanted)
    parts.sampleLosses!.forEach((loss, i) => {
      expect(loss).toBeCloseTo(whole.sampleLosses![i]!, 4)
    })
    expect((await task.computeGradients([batch], state, alone)).sampleLosses).toBeUndefined()
  })

  it('names the label that it lacks altogether', async () => {
    const { task, state } = await policyTrainer({ run: newRun() })
    const batch = brightPatches(4, 0)
    const { grasp, graspPresent, ...arrays } = batch.arrays
    await expect(task.computeGradients([{ ...batch, arrays }], state, alone)).rejects.toThrow(
      /no label 'grasp'.*there are box, category/,
    )
  })
})

describe('the weighting of tasks', () => {
  it('by uncertainty finds how noisy a task is', async () => {
    // Nothing in the picture tells a weight: its squared error cannot be lowered below the variance, 0.25.
    const { navigation, weight } = everyHead
    const { trainer, state } = await policyTrainer({
      run: newRun(),
      model: smallPolicy({ navigation, weight }, 0),
      openStream: brightStream(32, 1000),
      totalSteps: 300,
      taskOptions: { weighting: { kind: 'uncertainty' } },
      rules: [{ pattern: 'log_variances.*', learningRate: 2 }],
      optimizer: adamW({ learningRate: 5e-3, weightDecay: 0 }),
    })
    await trainer.run()
    const values = await copyOf(state.values)
    expect(Math.exp(values.get('log_variances.weight')![0]!)).toBeGreaterThan(0.2)
    expect(Math.exp(values.get('log_variances.weight')![0]!)).toBeLessThan(0.3)
    expect(Math.exp(values.get('log_variances.navigation')![0]!)).toBeLessThan(0.1)
  })

  it('by hand changes the gradient in proportion, task by task', async () => {
    const { navigation, weight } = everyHead
    const model = smallPolicy({ navigation, weight }, 0)
    const batch = brightPatches(8, 0)
    const gradientsWith = async (weights: Readonly<Record<string, number>>) => {
      const taskOptions = { weighting: { kind: 'manual', weights } as const, grounding: undefined }
      const { task, state } = await policyTrainer({ run: newRun(), model, taskOptions })
      await task.computeGradients([batch], state, alone)
      return copyOf(state.gradients)
    }
    const ofNavigation = await gradientsWith({ weight: 0 })
    const ofWeight = await gradientsWith({ navigation: 0 })
    const both = await gradientsWith({ navigation: 3, weight: 0.25 })
    const largest = Math.max(...[...both.values()].flatMap((all) => [...all].map(Math.abs)))
    expect(largest).toBeGreaterThan(0.01)
    for (const [name, gradient] of both) {
      const expected = gradient.map(
        (_, i) => 3 * ofNavigation.get(name)![i]! + 0.25 * ofWeight.get(name)![i]!,
      )
      const worst = Math.max(...gradient.map((g, i) => Math.abs(g - expected[i]!)))
      expect(worst / largest, name).toBeLessThan(1e-5)
    }
    expect(ofNavigation.get('heads.weight.layers.0.weight')!.every((g) => g === 0)).toBe(true)
    expect(ofNavigation.get('shared.weight')!.some((g) => g !== 0)).toBe(true)
    expect(ofWeight.get('shared.weight')!.some((g) => g !== 0)).toBe(true)
  })

  it('that adapts moves by steps, one up where a loss rose, down to the floor where it fell', async () => {
    const { navigation, weight } = everyHead
    const records: LogRecord[] = []
    const { trainer } = await policyTrainer({
      run: newRun(),
      model: smallPolicy({ navigation, weight }),
      totalSteps: 30,
      logEverySteps: 1,
      taskOptions: { weighting: { kind: 'adaptive', step: 0.1, floor: 0.95 } },
      callbacks: [{ onLog: (record) => void records.push(record) }],
    })
    await trainer.run()
    let expected = 1
    for (const [i, { navigationLoss, navigationWeight }] of records.entries()) {
      expect(navigationWeight).toBeCloseTo(expected, 6)
      const before = records[i - 1]?.navigationLoss
      if (before === undefined) continue
      expected = navigationLoss! > before ? expected + 0.1 : Math.max(0.95, expected - 0.1)
    }
    expect(Math.min(...records.map((record) => record.weightWeight!))).toBeCloseTo(0.95, 6)
  })

  it('that adapts turns from the task that gets better to the one that does not', async () => {
    const { navigation, weight } = everyHead
    const records: LogRecord[] = []
    const { trainer } = await policyTrainer({
      run: newRun(),
      model: smallPolicy({ navigation, weight }, 0),
      // The same pictures in every step, whose weights are drawn anew: one loss falls, the other is noise.
      openStream: () => ({
        position: 0,
        async *[Symbol.asyncIterator]() {
          for (let other = 1; ; other++) {
            const { weight } = brightPatches(16, other).arrays
            const { ids, arrays } = brightPatches(16, 0)
            yield { ids, arrays: { ...arrays, weight: weight! } }
          }
        },
        close: async () => {},
      }),
      totalSteps: 80,
      logEverySteps: 1,
      optimizer: adamW({ learningRate: 2e-3, weightDecay: 0 }),
      taskOptions: { weighting: { kind: 'adaptive', step: 0.01, floor: 0.1 }, grounding: undefined },
      callbacks: [{ onLog: (record) => void records.push(record) }],
    })
    await trainer.run()
    const [first, last] = [records[0]!, records.at(-1)!]
    expect(last.navigationLoss!).toBeLessThan(0.5 * first.navigationLoss!)
    // Of 79 steps more than two in three were better.
    expect(last.navigationWeight!).toBeLessThan(1 - 0.01 * (79 / 3))
    // Noise goes up as often as down.
    expect(Math.abs(last.weightWeight! - 1)).toBeLessThan(0.2)
  })

  it('by a schedule follows its lines', async () => {
    const { navigation, weight } = everyHead
    const records: LogRecord[] = []
    const { trainer } = await policyTrainer({
      run: newRun(),
      model: smallPolicy({ navigation, weight }),
      totalSteps: 20,
      logEverySteps: 1,
      taskOptions: {
        weighting: {
          kind: 'scheduled',
          weights: {
            navigation: [
              [0.25, 1],
              [0.75, 0],
            ],
          },
        },
      },
      callbacks: [{ onLog: (record) => void records.push(record) }],
    })
    await trainer.run()
    const seen = [0, 5, 10, 15, 19].map((i) => records[i]!.navigationWeight)
    expect(seen.map((x) => Math.round(x! * 1e6) / 1e6)).toEqual([1, 1, 0.5, 0, 0])
    expect(records.every((record) => record.weightWeight === 1)).toBe(true)
  })

  it('refuses a weight of a task that is not there', async () => {
    const weighting = { kind: 'manual', weights: { graspin: 2 } } as const
    await expect(policyTrainer({ run: newRun(), taskOptions: { weighting } })).rejects.toThrow(
      /no such head; did you mean 'grasping'\?/,
    )
  })
})

describe('a run of a policy', () => {
  it.each<{ kind: string; weighting: TaskWeighting }>([
    { kind: 'uncertainty', weighting: { kind: 'uncertainty' } },
    { kind: 'adaptive', weighting: { kind: 'adaptive', step: 0.01, floor: 0.1 } },
  ])(
    'goes on from a checkpoint as if it had never stopped: dropout, weights and all ($kind)',
    async ({ weighting }) => {
      const [whole, parts] = [newRun(), newRun()]
      const options = {
        openStream: brightStream(16, 8, patchy),
        microBatchSize: 6,
        taskOptions: { weighting },
        totalSteps: 20,
      }
      await (await policyTrainer({ run: whole, ...options })).trainer.run()
      const stop = new AbortController()
      const callbacks = [{ onStep: (step: number) => (step === 7 ? stop.abort() : undefined) }]
      await (await policyTrainer({ run: parts, ...options, callbacks, signal: stop.signal })).trainer.run()
      const second = await policyTrainer({ run: parts, ...options })
      expect(await second.trainer.resume()).toBe(7)
      await second.trainer.run()
      for (const file of ['model.safetensors', 'optimizer.safetensors'])
        expect(hashOf(join(parts, 'checkpoints/20', file))).toBe(hashOf(join(whole, 'checkpoints/20', file)))
    },
  )

  it('drops other numbers in every step, and none in evaluation', async () => {
    const { task, state } = await policyTrainer({ run: newRun() })
    const batch = brightPatches(8, 0)
    const losses = new Set<number>()
    for (let i = 0; i < 3; i++) losses.add((await task.computeGradients([batch], state, alone)).loss)
    expect(losses.size).toBe(3)
    const first = await task.evaluate(batches(0, 1), state.values, state)
    const second = await task.evaluate(batches(0, 1), state.values, state)
    expect(first).toEqual(second)
  })

  it('says when nothing can be measured', async () => {
    const { task, state } = await policyTrainer({ run: newRun(), taskOptions: usualOptions })
    const none = async function* () {
      yield brightPatches(4, 0, () => false)
    }
    await expect(task.evaluate(none(), state.values, state)).rejects.toMatchObject({ code: 'data/no-labels' })
  })
})
