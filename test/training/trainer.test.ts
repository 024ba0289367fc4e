import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkpointSteps } from '../../src/core/index.ts'
import type { Arena } from '../../src/engine/index.ts'
import type { LogRecord, Metrics } from '../../src/training/index.ts'
import { smallClip, smallSiglip, syntheticBatch, syntheticStream, syntheticTrainer } from './synthetic-run.ts'

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
  // What knows nothing has the loss log 8 = 2.1; by the sigmoid loss, of 64 pairs a batch of which 8 match, 3.0.
  it.each([
    { name: 'CLIP', model: smallClip, guess: 2.1, known: 0.1 },
    { name: 'SigLIP', model: smallSiglip, guess: 3, known: 1 },
  ])('teaches a $name a few batches by heart', async ({ model, guess, known }) => {
    const records: LogRecord[] = []
    const callbacks = [{ onLog: (record: LogRecord) => void records.push(record) }]
    const { trainer } = await syntheticTrainer({
      run: newRun(),
      model: model(),
      totalSteps: 100,
      logEverySteps: 10,
      callbacks,
    })
    const result = await trainer.run()
    expect(result.step).toBe(100)
    expect(records).toHaveLength(10)
    expect(records[0]!.loss).toBeGreaterThan(0.7 * guess)
    expect(records.at(-1)!.loss).toBeLessThan(known)
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

  it('refuses a checkpoint of whose tensors it has no use, and names them', async () => {
    const run = newRun()
    await (await syntheticTrainer({ run, average: true })).trainer.run()
    const { trainer } = await syntheticTrainer({ run, average: false })
    await expect(trainer.resume()).rejects.toMatchObject({
      code: 'checkpoint/mismatch',
      message: expect.stringMatching(
        /optimizer\.safetensors: the run has no place for value\.\* \(\d+\); resume with/,
      ),
    })
  })

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
