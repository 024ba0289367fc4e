import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { checkpointDirectory } from '../../src/core/index.ts'
import { constant } from '../../src/optim/index.ts'
import { alone, type LogRecord, MemoryBudget, splitBatch } from '../../src/training/index.ts'
import { hashOf } from '../support/hash-of.ts'
import { policyTrainer } from './synthetic-policy.ts'
import { type SyntheticOptions, syntheticBatch, syntheticTrainer } from './synthetic-run.ts'

const newRun = () => mkdtempSync(join(tmpdir(), 'visuomotor-'))

/** Memory of a micro-batch of this size: a fifth of the budget for each two samples, beside a tenth. */
const memoryOf = (size: number): number => 10 + 10 * size

/** A run under a budget of 100, whose memory is a function of its micro-batches. */
async function budgetedTrainer(
  options: Omit<SyntheticOptions, 'memoryBudget'>,
  memory = memoryOf,
  adapt: 'microSize' | 'size' = 'microSize',
) {
  const sizes: number[] = []
  const notes: string[] = []
  const { callbacks = [], ...others } = options
  const { trainer, task, ...rest } = await syntheticTrainer({
    totalSteps: 8,
    ...others,
    callbacks: [...callbacks, { onNote: (text) => void notes.push(text) }],
    memoryBudget: {
      bytes: 100,
      between: [1, 8],
      batchSize: 8,
      adapt,
      measure: () => memory(sizes.at(-1) ?? 0),
    },
  })
  const compute = task.computeGradients.bind(task)
  task.computeGradients = (microBatches, ...step) => {
    sizes.push(microBatches[0]!.ids.length)
    return compute(microBatches, ...step)
  }
  return { trainer, task, sizes, notes, ...rest }
}

it('halves micro-batches above 0.9 of the budget, doubles them below 0.6, and settles', async () => {
  const records: number[] = []
  const callbacks = [{ onLog: ({ loss }: { loss: number }) => void records.push(loss) }]
  const common = { totalSteps: 6, logEverySteps: 1 }
  const down = await budgetedTrainer({ run: newRun(), callbacks, ...common })
  await down.trainer.run()
  // The trial with one sample comes first. 8 samples take 90 of 100, no more than 0.9.
  expect(down.sizes).toEqual([1, 8, 8, 8, 8, 8, 8])
  expect(down.notes).toEqual([])

  const small = await budgetedTrainer({ run: newRun(), ...common, microBatchSize: 1 }, (size) => 20 * size)
  await small.trainer.run()
  // 1 takes 20: doubled; 2 takes 40: doubled; 4 takes 80: stays.
  expect(small.sizes).toEqual([1, 1, 2, 4, 4, 4, 4])

  const swinging = await budgetedTrainer({ run: newRun(), ...common }, (size) => (size > 4 ? 95 : 10 * size))
  await swinging.trainer.run()
  // 8 takes 95: halved; 4 takes 40 and would be doubled, but 8 was too much.
  expect(swinging.sizes).toEqual([1, 8, 4, 4, 4, 4, 4])
  expect(swinging.notes).toEqual([
    'micro-batches of 4 samples instead of 8: the last step took 95 % of the 0 MiB of memory',
  ])
})

it('leaves the loss of the effective batch as it is', async () => {
  const losses = async (memory?: (size: number) => number) => {
    const records: number[] = []
    const callbacks = [{ onLog: ({ loss }: { loss: number }) => void records.push(loss) }]
    const common = { run: newRun(), totalSteps: 6, logEverySteps: 1, callbacks }
    const { trainer } = memory ? await budgetedTrainer(common, memory) : await syntheticTrainer(common)
    await trainer.run()
    return records
  }
  const whole = await losses()
  const adapted = await losses((size) => (size > 2 ? 95 : 50 + 5 * size))
  expect(adapted).toHaveLength(6)
  for (const [i, loss] of adapted.entries()) expect(loss).toBeCloseTo(whole[i]!, 4)
})

it('does not notice the trial: a task draws the same dropout masks', async () => {
  const weights = async (memoryBudget?: SyntheticOptions['memoryBudget']) => {
    const run = newRun()
    const { trainer } = await policyTrainer({ run, totalSteps: 3, ...(memoryBudget && { memoryBudget }) })
    await trainer.run()
    return hashOf(join(checkpointDirectory(run, 3), 'model.safetensors'))
  }
  expect(await weights({ bytes: 100, batchSize: 16, measure: () => 70 })).toBe(await weights())
})

it('resumes with the size that it had, bit for bit', async () => {
  const memory = (size: number) => (size > 4 ? 95 : size > 2 ? 92 : 50)
  const [whole, parts] = [newRun(), newRun()]
  await (await budgetedTrainer({ run: whole }, memory)).trainer.run()
  const stop = new AbortController()
  const callbacks = [{ onStep: (step: number) => (step === 2 ? stop.abort() : undefined) }]
  await (await budgetedTrainer({ run: parts, callbacks, signal: stop.signal }, memory)).trainer.run()
  const second = await budgetedTrainer({ run: parts }, memory)
  expect(await second.trainer.resume()).toBe(2)
  await second.trainer.run()
  expect(second.sizes).toEqual([2, 2, 2, 2, 2, 2])
  for (const name of ['model', 'optimizer'])
    expect(hashOf(join(checkpointDirectory(parts, 8), `${name}.safetensors`))).toBe(
      hashOf(join(checkpointDirectory(whole, 8), `${name}.safetensors`)),
    )
})

it('refuses a budget below one sample before anything is trained', async () => {
  const run = newRun()
  const { trainer, state } = await budgetedTrainer({ run }, () => 300 * 2 ** 20)
  const before = new Map([...(await state.values.read())].map(([name, { data }]) => [name, data.slice()]))
  await expect(trainer.run()).rejects.toMatchObject({
    code: 'training/memory-budget',
    message: expect.stringContaining('a step of one sample takes 300 MiB of memory'),
  })
  for (const [name, { data }] of await state.values.read()) expect(data, name).toEqual(before.get(name))
})

it('measures the process where nothing else is given', async () => {
  const run = newRun()
  const memoryBudget = { bytes: 2 ** 20, batchSize: 8 }
  await expect((await syntheticTrainer({ run, memoryBudget })).trainer.run()).rejects.toMatchObject({
    code: 'training/memory-budget',
    facts: { budget: 2 ** 20 },
  })
})

it('changes the batch itself if told, with the learning rate in proportion', async () => {
  const records: LogRecord[] = []
  const callbacks = [{ onLog: (record: LogRecord) => void records.push(record) }]
  const memory = (size: number) => (size > 4 ? 95 : 70)
  const common = { totalSteps: 3, logEverySteps: 1, schedule: constant(), learningRate: 1e-3, callbacks }
  const { trainer, sizes, notes, state } = await budgetedTrainer({ run: newRun(), ...common }, memory, 'size')
  await trainer.run()
  // One update of 8, then two of 4 a step, at half the rate.
  expect(sizes).toEqual([1, 8, 4, 4, 4, 4])
  expect(state.updates).toEqual(state.updates.map(() => 5))
  expect(records.map(({ learningRate }) => learningRate)).toEqual([1e-3, 5e-4, 5e-4])
  expect(notes).toEqual([expect.stringMatching(/^batches of 4 samples instead of 8/)])

  // The same as a run of those batches.
  const sequence = [[0], [1, 1], [2, 2]]
  const by = await syntheticTrainer({ run: newRun(), ...common, callbacks: [] })
  for (const [step, numbers] of sequence.entries()) {
    for (const part of splitBatch(syntheticBatch(8, step), 8 / numbers.length)) {
      await by.task.computeGradients([part], by.state, alone)
      await by.update.apply(by.state, 1e-3 / numbers.length)
    }
  }
  const [a, b] = [await state.values.read(), await by.state.values.read()]
  for (const [name, { data }] of a) expect(data, name).toEqual(b.get(name)!.data)
})

it('divides a batch evenly', () => {
  const budget = new MemoryBudget({ bytes: 1, adapt: 'size', between: [4, 4] }, 9)
  expect(budget.batches(syntheticBatch(9, 0)).map(({ ids }) => ids.length)).toEqual([3, 3, 3])
})
