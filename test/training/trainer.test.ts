import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { hostArray, random } from '../../src/core/index.ts'
import { mixBatch } from '../../src/data/mix/mix-batch.ts'
import { mixUp } from '../../src/data/mix/mix-methods.ts'
import type { Arena } from '../../src/engine/index.ts'
import { alone, checkpointSteps, type LogRecord, type Metrics } from '../../src/training/index.ts'
import { syntheticBatch, syntheticStream, syntheticTrainer } from './synthetic-run.ts'

const newRun = () => mkdtempSync(join(tmpdir(), 'visuomotor-'))

const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')

const copyOf = async (arena: Arena) =>
  new Map([...(await arena.read())].map(([name, { data }]) => [name, data.slice()]))

/** One of the numbers becomes infinite. */
async function overflow(gradients: Arena): Promise<void> {
  const all = await gradients.read()
  all.get('logit_scale')!.data[0] = Number.POSITIVE_INFINITY
  await gradients.write(all)
}

describe('the trainer', () => {
  it('learns a few batches by heart', async () => {
    const records: LogRecord[] = []
    const callbacks = [{ onLog: (record: LogRecord) => void records.push(record) }]
    const { trainer } = await syntheticTrainer({
      run: newRun(),
      totalSteps: 100,
      logEverySteps: 10,
      callbacks,
    })
    const result = await trainer.run()
    expect(result.step).toBe(100)
    expect(records).toHaveLength(10)
    expect(records[0]!.loss).toBeGreaterThan(1.5)
    expect(records.at(-1)!.loss).toBeLessThan(0.1)
  })

  it.each([{ average: false }, { average: true }])(
    'goes on from a checkpoint as if it had never stopped (average: $average)',
    async ({ average }) => {
      const [whole, parts] = [newRun(), newRun()]
      await (await syntheticTrainer({ run: whole, average })).trainer.run()

      const stop = new AbortController()
      const callbacks = [{ onStep: (step: number) => (step === 12 ? stop.abort() : undefined) }]
      const first = await syntheticTrainer({ run: parts, average, callbacks, signal: stop.signal })
      const interrupted = await first.trainer.run()
      expect(interrupted).toMatchObject({ interrupted: true, step: 12 })
      expect(checkpointSteps(parts)).toEqual([10, 12])
      const second = await syntheticTrainer({ run: parts, average })
      expect(await second.trainer.resume()).toBe(12)
      await second.trainer.run()

      for (const file of ['model.safetensors', 'optimizer.safetensors']) {
        expect(hash(join(parts, 'checkpoints/20', file))).toBe(hash(join(whole, 'checkpoints/20', file)))
      }
    },
  )

  it('stops at a loss that is not finite and names the step, the samples and the last good checkpoint', async () => {
    const run = newRun()
    const open = syntheticStream(8, 4)
    const { trainer } = await syntheticTrainer({
      run,
      openStream: (position) => {
        const stream = open(position)
        return Object.assign(stream, {
          async *[Symbol.asyncIterator]() {
            for (;;) {
              const batch = syntheticBatch(8, stream.position++ % 4)
              if (stream.position === 8) (batch.arrays.pixelValues!.data as Float32Array)[0] = Number.NaN
              yield batch
            }
          },
        })
      },
    })
    await expect(trainer.run()).rejects.toMatchObject({
      code: 'training/not-finite',
      facts: { step: 8, sampleIds: syntheticBatch(8, 3).ids, checkpoint: join(run, 'checkpoints/5') },
    })
    expect(checkpointSteps(run)).toEqual([5])
  })

  it.each(['loss', 'gradientNorm'])('changes no value in a step whose %s is not finite', async (number) => {
    const run = newRun()
    const { trainer, task, state } = await syntheticTrainer({ run, average: true })
    const everything = async () =>
      Promise.all([state.values, state.average!, ...Object.values(state.moments)].map(copyOf))
    const compute = task.computeGradients.bind(task)
    let [steps, before]: [number, unknown] = [0, undefined]
    task.computeGradients = async (...step) => {
      const result = await compute(...step)
      if (++steps < 8) return result
      before = await everything()
      if (number === 'loss') return { ...result, loss: Number.NaN }
      await overflow(state.gradients)
      return result
    }
    await expect(trainer.run()).rejects.toMatchObject({
      code: 'training/not-finite',
      message: expect.stringMatching(
        number === 'loss' ? /the loss is NaN/ : /the gradient's norm is Infinity/,
      ),
      facts: { step: 8, sampleIds: syntheticBatch(8, 3).ids, checkpoint: join(run, 'checkpoints/5') },
    })
    expect(await everything()).toEqual(before)
  })

  it('stops early when the watched metric no longer improves, and keeps the best checkpoint', async () => {
    const run = newRun()
    const { trainer, task } = await syntheticTrainer({
      run,
      totalSteps: 100,
      checkpoints: { run, everySteps: 2, keep: 1 },
      validation: { metric: 'score', everySteps: 2, patience: 3, openBatches: async function* () {} },
    })
    const scores = [1, 5, 4, 3, 2, 9]
    task.evaluate = async () => ({ score: scores.shift()! })
    expect(await trainer.run()).toMatchObject({ step: 10, best: { step: 4, value: 5 }, interrupted: false })
    expect(checkpointSteps(run)).toEqual([4, 10])
  })

  it('keeps the weights of the best validation even where no checkpoint is due', async () => {
    const run = newRun()
    const { trainer, task } = await syntheticTrainer({
      run,
      totalSteps: 9,
      checkpoints: { run, everySteps: 6, keep: 1 },
      validation: { metric: 'score', everySteps: 2, openBatches: async function* () {} },
    })
    const scores = [1, 5, 4, 3, 2]
    task.evaluate = async () => ({ score: scores.shift()! })
    expect(await trainer.run()).toMatchObject({ best: { step: 4 } })
    expect(checkpointSteps(run)).toEqual([4, 9])
  })

  it('validates after an interruption what it would have validated without', async () => {
    const run = newRun()
    const stop = new AbortController()
    const seen: number[] = []
    const callbacks = [
      {
        onStep: (step: number) => (step === 7 ? stop.abort() : undefined),
        onValidation: ({ step }: { step: number }) => void seen.push(step),
      },
    ]
    const validation = { metric: 'score', everySteps: 3, openBatches: async function* () {} }
    const options = { run, totalSteps: 10, callbacks, validation }
    for (const signal of [stop.signal, new AbortController().signal]) {
      const { trainer, task } = await syntheticTrainer({ ...options, signal })
      task.evaluate = async () => ({ score: 1 })
      await trainer.resume()
      await trainer.run()
    }
    expect(seen).toEqual([3, 6, 9, 10])
  })

  it('tells an adaptive stream the losses of its samples and the validations, in their order', async () => {
    const open = syntheticStream(8, 4)
    const told: unknown[] = []
    const feedback = {
      numbers: { stage: 2 },
      onSampleLosses: (losses: Float32Array) => void told.push(losses.length),
      onValidation: ({ score }: Metrics) => void told.push(`score ${score}`),
    }
    const records: LogRecord[] = []
    const { trainer, task } = await syntheticTrainer({
      run: newRun(),
      totalSteps: 4,
      logEverySteps: 2,
      openStream: (position) => Object.assign(open(position), { feedback }),
      validation: { metric: 'score', everySteps: 2, openBatches: async function* () {} },
      callbacks: [{ onLog: (record) => void records.push(record) }],
    })
    task.evaluate = async () => ({ score: 0.5 })
    await trainer.run()
    expect(told).toEqual([8, 8, 'score 0.5', 8, 8, 'score 0.5'])
    expect(records.map(({ stage }) => stage)).toEqual([2, 2])
  })

  it('saves the position of the stream after it was told', async () => {
    const run = newRun()
    const open = syntheticStream(8, 4)
    let validations = 0
    const openStream = (position: unknown) => {
      const stream = open(position)
      const feedback = { numbers: {}, onValidation: () => void validations++ }
      return {
        feedback,
        get position() {
          return { batch: stream.position, validations }
        },
        [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](),
        close: stream.close,
      }
    }
    const { trainer, task } = await syntheticTrainer({
      run,
      totalSteps: 5,
      openStream,
      validation: { metric: 'score', everySteps: 5, openBatches: async function* () {} },
    })
    task.evaluate = async () => ({ score: 1 })
    await trainer.run()
    const state = JSON.parse(readFileSync(join(run, 'checkpoints/5/state.json'), 'utf8'))
    expect(state.loader).toEqual({ batch: 5, validations: 1 })
  })

  it('says so when the task does not know the losses that the stream asks for', async () => {
    const open = syntheticStream(8, 4)
    const feedback = { numbers: {}, onSampleLosses: () => {} }
    const { trainer, task } = await syntheticTrainer({
      run: newRun(),
      openStream: (position) => Object.assign(open(position), { feedback }),
    })
    const compute = task.computeGradients.bind(task)
    task.computeGradients = (batches, state, communicator) => compute(batches, state, communicator)
    await expect(trainer.run()).rejects.toMatchObject({ code: 'training/no-sample-losses' })
  })

  it('closes its data and tells the callbacks when it fails', async () => {
    const told: string[] = []
    const open = syntheticStream(8, 4)
    const { trainer, task } = await syntheticTrainer({
      run: newRun(),
      openStream: (position) => Object.assign(open(position), { close: async () => void told.push('close') }),
      callbacks: [{ onEnd: () => void told.push('end') }],
    })
    task.computeGradients = () => Promise.reject(new Error('out of memory'))
    await expect(trainer.run()).rejects.toThrow('out of memory')
    expect(told).toEqual(['close', 'end'])
  })
})

describe('a contrastive batch in micro-batches', () => {
  const plain = syntheticBatch(8, 0)
  const mixing = { methods: [mixUp()], labels: {}, captions: plain.ids, random: random(1, 'mix') }

  it.each([
    ['', plain],
    [' when it was mixed', mixBatch(plain, mixing)],
  ])('gives the loss and gradients of the whole batch%s', async (_, batch) => {
    const { state, task } = await syntheticTrainer({ run: newRun() })
    // Two pairs of one concept, in different micro-batches.
    const data = batch.arrays.concepts!.data as BigInt64Array
    data[6] = data[1]!
    const piece = (start: number, end: number) => ({
      ids: batch.ids.slice(start, end),
      arrays: Object.fromEntries(
        Object.entries(batch.arrays).map(([name, { dtype, shape, data }]) => {
          const width = data.length / shape[0]!
          const rows = data.subarray(start * width, end * width)
          return [name, hostArray(dtype, [end - start, ...shape.slice(1)], rows)]
        }),
      ),
    })
    const whole = await task.computeGradients([batch], state, alone)
    const expected = await copyOf(state.gradients)
    const pieces = await task.computeGradients([piece(0, 3), piece(3, 6), piece(6, 8)], state, alone)
    expect(pieces.loss).toBeCloseTo(whole.loss, 5)
    expect(whole.sampleLosses).toBeUndefined()

    const losses: number[][] = []
    for (const batches of [[batch], [piece(0, 3), piece(3, 6), piece(6, 8)]]) {
      const { sampleLosses } = await task.computeGradients(batches, state, alone, { sampleLosses: true })
      losses.push([...sampleLosses!])
    }
    const [atOnce, inPieces] = losses
    expect(atOnce!.reduce((sum, loss) => sum + loss, 0) / 8).toBeCloseTo(whole.loss, 5)
    inPieces!.forEach((loss, i) => {
      expect(loss).toBeCloseTo(atOnce![i]!, 5)
    })
    const largest = Math.max(
      ...[...expected.values()].map((values) => values.map(Math.abs).reduce((a, b) => Math.max(a, b))),
    )
    for (const [name, values] of await copyOf(state.gradients)) {
      const reference = expected.get(name)!
      const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[i]!)), 0)
      expect(worst / largest, name).toBeLessThan(1e-5)
    }
  })
})
