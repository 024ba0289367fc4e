import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Arena, Precision } from '../../src/engine/index.ts'
import { ClipModel, type DualEncoder, recomputeLayers } from '../../src/models/index.ts'
import { constant, initialLossScale, sgd } from '../../src/optim/index.ts'
import { alone, type LogRecord, type ModelState, type Task } from '../../src/training/index.ts'
import { splitBatch } from '../../src/training/micro-batches.ts'
import { hashOf } from '../support/hash-of.ts'
import { brightPatches, policyTrainer } from './synthetic-policy.ts'
import { smallClip, smallSiglip, syntheticBatch, syntheticStream, syntheticTrainer } from './synthetic-run.ts'

const newRun = () => mkdtempSync(join(tmpdir(), 'visuomotor-'))

const copyOf = async (arena: Arena) =>
  new Map([...(await arena.read())].map(([name, { data }]) => [name, data.slice()]))

/** Everything that an update changes. */
const everything = ({ values, average, moments }: ModelState) =>
  Promise.all([values, average!, ...Object.values(moments)].map(copyOf))

const norm = (values: Float32Array) => Math.hypot(...values)

/** ‖actual − expected‖ / ‖expected‖ */
const distance = (actual: Float32Array, expected: Float32Array) =>
  norm(actual.map((value, i) => value - expected[i]!)) / norm(expected)

/** Adding one vector to all keys changes no attention: the true gradient is zero, what is computed is rounding. */
const isRounding = (name: string) => name.endsWith('.k_proj.bias')

/** A scale at which the gradients of the small CLIP overflow, several times over. */
const tooLarge = { ...initialLossScale, scale: 2 ** 18 }

const progressAt = (run: string, step: number) =>
  JSON.parse(readFileSync(join(run, 'checkpoints', `${step}`, 'state.json'), 'utf8'))

/** The gradients of one batch in pieces of `size`, and the loss. */
async function gradientsOf(
  precision: Precision,
  size: number,
  lossScale?: number,
  model: DualEncoder = smallClip(),
) {
  const { task, state } = await syntheticTrainer({ run: newRun(), precision, model })
  const request = { sampleLosses: false, ...(lossScale !== undefined && { lossScale }) }
  const { loss } = await task.computeGradients(splitBatch(syntheticBatch(8, 0), size), state, alone, request)
  const scale = lossScale ?? 1
  const all = await copyOf(state.gradients)
  return { loss, gradients: new Map([...all].map(([name, data]) => [name, data.map((g) => g / scale)])) }
}

describe.each([
  ['CLIP at once', smallClip, 8],
  ['CLIP in micro-batches', smallClip, 3],
  ['SigLIP at once', smallSiglip, 8],
])('a batch of a small %s', (_, build, size) => {
  let full: Awaited<ReturnType<typeof gradientsOf>>
  beforeAll(async () => {
    full = await gradientsOf('float32', size, undefined, build())
  })

  it('has in float16 the gradients of float32, to half a percent', async () => {
    const half = await gradientsOf('float16', size, 1024, build())
    expect(Math.abs(half.loss - full.loss)).toBeLessThan(2e-3 * full.loss)
    expect(half.loss).not.toBe(full.loss)
    for (const [name, data] of half.gradients) {
      const error = distance(data, full.gradients.get(name)!)
      if (!isRounding(name)) expect(error, name).toBeLessThan(5e-3)
    }
  })

  it('loses small gradients in float16 without a loss scale, and not with one', async () => {
    const [without, scaled] = [
      await gradientsOf('float16', size, 2 ** -14, build()),
      await gradientsOf('float16', size, 2 ** 10, build()),
    ]
    const name = 'vision_model.encoder.layers.0.mlp.fc1.weight'
    const errors = [without, scaled].map(({ gradients }) =>
      distance(gradients.get(name)!, full.gradients.get(name)!),
    )
    expect(errors[0]).toBeGreaterThan(10 * errors[1]!)
  })

  it('has its gradients times the loss scale, which enters once', async () => {
    expect(await gradientsOf('float32', size, 1024, build())).toEqual(full)
  })
})

it('recomputed layers have in float16 the gradients of kept ones, bit by bit', async () => {
  const recomputed = recomputeLayers(new ClipModel(smallClip().config), true)
  expect(await gradientsOf('float16', 8, 1024, recomputed)).toEqual(await gradientsOf('float16', 8, 1024))
})

it('a policy has its gradients times the loss scale in micro-batches, too', async () => {
  const gradients = async (lossScale?: number) => {
    const { task, state } = await policyTrainer({ run: newRun() })
    const request = { sampleLosses: false, ...(lossScale !== undefined && { lossScale }) }
    await task.computeGradients(splitBatch(brightPatches(6, 0), 4), state, alone, request)
    return [...(await copyOf(state.gradients))].map(([, data]) => data.map((g) => g / (lossScale ?? 1)))
  }
  expect(await gradients(1024)).toEqual(await gradients())
})

it('a policy in float16 has the gradients of float32, to half a percent', async () => {
  const gradients = async (precision: Precision) => {
    const { task, state } = await policyTrainer({ run: newRun(), taskOptions: { precision } })
    const request = { sampleLosses: false, lossScale: 1024 }
    await task.computeGradients([brightPatches(6, 0)], state, alone, request)
    return Float32Array.from([...(await copyOf(state.gradients)).values()].flatMap((data) => [...data]))
  }
  const error = distance(await gradients('float16'), await gradients('float32'))
  expect(error).toBeLessThan(5e-3)
  expect(error).toBeGreaterThan(1e-5)
})

it('clips what is left when the loss scale is undone', async () => {
  const values = []
  for (const lossScale of [undefined, 1, 1024]) {
    const optimizer = sgd({ learningRate: 0.1 })
    const { task, state, update } = await syntheticTrainer({ run: newRun(), optimizer })
    const request = { sampleLosses: false, ...(lossScale !== undefined && { lossScale }) }
    await task.computeGradients([syntheticBatch(8, 0)], state, alone, request)
    expect(await update.apply(state, 0.1, lossScale)).toBeGreaterThan(1)
    values.push(await copyOf(state.values))
  }
  expect(values[1]).toEqual(values[0])
  expect(values[2]).toEqual(values[0])
})

describe('a run in float16', () => {
  const half = { precision: 'float16', average: true, lossScale: initialLossScale } as const

  it('learns a few batches by heart', async () => {
    const records: LogRecord[] = []
    const callbacks = [{ onLog: (record: LogRecord) => void records.push(record) }]
    const { trainer } = await syntheticTrainer({ ...half, run: newRun(), totalSteps: 100, callbacks })
    await trainer.run()
    expect(records[0]!.loss).toBeGreaterThan(1.5)
    expect(records.at(-1)!.loss).toBeLessThan(0.1)
  })

  it('skips steps that overflow: they change nothing but the loss scale', async () => {
    const schedule = constant()
    const records: LogRecord[] = []
    const seen: Awaited<ReturnType<typeof everything>>[] = []
    const run = newRun()
    const skipping = await syntheticTrainer({
      ...half,
      run,
      schedule,
      lossScale: tooLarge,
      totalSteps: 12,
      logEverySteps: 1,
      callbacks: [{ onLog: (record) => void records.push(record) }],
    })
    const before = await everything(skipping.state)
    const { task, state } = skipping
    await watch(task, async () => void seen.push(await everything(state)))
    await skipping.trainer.run()

    const skips = records.filter(({ skipped }) => skipped === 1).length
    expect(skips).toBeGreaterThan(2)
    expect(skips).toBeLessThan(8)
    records.forEach(({ lossScale, skipped, gradientNorm }, i) => {
      expect(lossScale).toBe(tooLarge.scale / 2 ** Math.min(i, skips))
      expect(skipped).toBe(i < skips ? 1 : 0)
      expect(gradientNorm === undefined).toBe(i < skips)
      if (i <= skips) expect(seen[i]).toEqual(before)
    })
    const lossScale = { scale: tooLarge.scale / 2 ** skips, goodSteps: 12 - skips, skippedSteps: skips }
    expect(progressAt(run, 12).lossScale).toEqual(lossScale)

    // What follows is a run that begins there: averages and bias corrections count updates.
    const fresh = await syntheticTrainer({
      ...half,
      run: newRun(),
      schedule,
      lossScale: { ...initialLossScale, scale: lossScale.scale },
      openStream: (position = skips) => syntheticStream(8, 4)(position),
      totalSteps: 12 - skips,
    })
    await fresh.trainer.run()
    expect(await everything(skipping.state)).toEqual(await everything(fresh.state))
  })

  it('stops when gradients overflow at loss scale 1, naming step and samples', async () => {
    const run = newRun()
    const { trainer, task, state } = await syntheticTrainer({
      ...half,
      run,
      lossScale: { ...initialLossScale, scale: 2 },
    })
    await watch(task, async () => {
      const all = await state.gradients.read()
      all.get('logit_scale')!.data[0] = Number.NaN
      await state.gradients.write(all)
    })
    const before = await everything(state)
    await expect(trainer.run()).rejects.toMatchObject({
      code: 'training/not-finite',
      message: expect.stringContaining('Train in float32'),
      facts: { step: 2, sampleIds: syntheticBatch(8, 1).ids },
    })
    expect(await everything(state)).toEqual(before)
  })

  it('doubles the loss scale after 2000 good steps', async () => {
    const run = newRun()
    const lossScale = { scale: 1024, goodSteps: 1997, skippedSteps: 0 }
    const { trainer } = await syntheticTrainer({ ...half, run, lossScale, totalSteps: 5 })
    await trainer.run()
    expect(progressAt(run, 5).lossScale).toEqual({ scale: 2048, goodSteps: 2, skippedSteps: 0 })
  })

  it('goes on from a checkpoint as if it had never stopped, its loss scale too', async () => {
    const [whole, parts] = [newRun(), newRun()]
    const options = { ...half, lossScale: tooLarge }
    await (await syntheticTrainer({ ...options, run: whole })).trainer.run()
    const stop = new AbortController()
    const callbacks = [{ onStep: (step: number) => (step === 7 ? stop.abort() : undefined) }]
    await (await syntheticTrainer({ ...options, run: parts, callbacks, signal: stop.signal })).trainer.run()
    expect(progressAt(parts, 7).lossScale.skippedSteps).toBeGreaterThan(2)
    const second = await syntheticTrainer({ ...options, run: parts })
    expect(await second.trainer.resume()).toBe(7)
    await second.trainer.run()
    for (const file of ['model.safetensors', 'optimizer.safetensors'])
      expect(hashOf(join(parts, 'checkpoints/20', file))).toBe(hashOf(join(whole, 'checkpoints/20', file)))
    expect(progressAt(parts, 20).lossScale).toEqual(progressAt(whole, 20).lossScale)
  })

  it('adds up in float32 what is too small for halves', async () => {
    const { trainer, state } = await syntheticTrainer({
      ...half,
      run: newRun(),
      schedule: constant(),
      learningRate: 1e-6,
    })
    const name = 'vision_model.encoder.layers.0.mlp.fc1.weight'
    const before = (await copyOf(state.values)).get(name)!
    await trainer.run()
    const after = (await copyOf(state.values)).get(name)!
    // A step moves a weight by 10⁻⁶; of halves around 0.1, neighbours are 6·10⁻⁵ apart.
    const moved = after.map((value, i) => Math.abs(value - before[i]!))
    const large = moved.filter((_, i) => Math.abs(before[i]!) > 0.1)
    expect(large.length).toBeGreaterThan(500)
    expect(norm(large) / Math.sqrt(large.length)).toBeGreaterThan(4e-6)
    expect(Math.max(...large)).toBeLessThan(2.5e-5)
  })
})

it('a run in float32 is the same, bit by bit, with a loss scale and without', async () => {
  const [plain, scaled] = [newRun(), newRun()]
  await (await syntheticTrainer({ run: plain, average: true })).trainer.run()
  const lossScale = { ...initialLossScale, scale: 1024 }
  await (await syntheticTrainer({ run: scaled, average: true, lossScale })).trainer.run()
  for (const file of ['model.safetensors', 'optimizer.safetensors'])
    expect(hashOf(join(scaled, 'checkpoints/20', file))).toBe(hashOf(join(plain, 'checkpoints/20', file)))
  expect(progressAt(plain, 20)).not.toHaveProperty('lossScale')
})

/** Call back after each time that gradients were computed. */
async function watch(task: Task, after: () => Promise<void>): Promise<void> {
  const compute = task.computeGradients.bind(task)
  task.computeGradients = async (...step) => {
    const result = await compute(...step)
    await after()
    return result
  }
}
