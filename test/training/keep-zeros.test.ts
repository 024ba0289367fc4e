import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkpointDirectory, float32, type HostArray, random } from '../../src/core/index.ts'
import type { Arena } from '../../src/engine/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { adamW, lion, muon, type Optimizer, sgd } from '../../src/optim/index.ts'
import { hashOf } from '../support/hash-of.ts'
import { smallClip, syntheticTrainer } from './synthetic-run.ts'

const newRun = () => mkdtempSync(join(tmpdir(), 'visuomotor-'))

/** Weights of a small CLIP of whose matrices every third number is zero. */
function prunedWeights(): Map<string, HostArray<'float32'>> {
  const stream = random(3, 'weights')
  return new Map(
    Array.from(namedParameters(smallClip()), ([name, { shape, initialize }]) => {
      const data = Float32Array.from(initialize(shape, stream))
      if (shape.length >= 2) for (let i = 0; i < data.length; i += 3) data[i] = 0
      return [name, float32(shape, data)] as const
    }),
  )
}

const matrices = [...prunedWeights()].flatMap(([name, { shape }]) => (shape.length >= 2 ? [name] : []))

const pruned = (options: {
  readonly run: string
  readonly optimizer?: Optimizer
  readonly totalSteps?: number
}) => syntheticTrainer({ ...options, average: true, values: prunedWeights(), keepZeros: matrices })

/** Require that every third number of the matrices is zero, and no other. */
async function expectKept(arena: Arena): Promise<void> {
  const values = await arena.read()
  for (const name of matrices) {
    const { data } = values.get(name)!
    const kept = data.filter((_, i) => i % 3 === 0)
    expect(
      kept.every((value) => Object.is(value, 0)),
      name,
    ).toBe(true)
    const moved = data.filter((value, i) => i % 3 !== 0 && value !== 0)
    expect(moved.length, name).toBeGreaterThan(0.6 * data.length)
  }
}

describe('zeros that are kept', () => {
  const optimizers: Record<string, Optimizer> = {
    adamW: adamW({ learningRate: 3e-3, weightDecay: 0.1 }),
    sgd: sgd({ learningRate: 0.05, momentum: 0.9, weightDecay: 0.1 }),
    lion: lion({ learningRate: 1e-3, weightDecay: 0.1 }),
    muon: muon({ learningRate: 3e-3, matrixLearningRate: 0.02, matrixWeightDecay: 0.1 }),
  }

  it.each(Object.entries(optimizers))(
    'stay exactly zero with %s, in weights and average',
    async (_, optimizer) => {
      const { trainer, state } = await pruned({ run: newRun(), optimizer, totalSteps: 6 })
      const before = prunedWeights()
      await trainer.run()
      await expectKept(state.values)
      await expectKept(state.average!)
      const after = await state.values.read()
      for (const name of matrices) expect(after.get(name)!.data, name).not.toEqual(before.get(name)!.data)
    },
  )

  it('would not without being kept', async () => {
    const { trainer, state } = await syntheticTrainer({
      run: newRun(),
      values: prunedWeights(),
      totalSteps: 2,
    })
    await trainer.run()
    const { data } = (await state.values.read()).get('visual_projection.weight')!
    expect(data[0]).not.toBe(0)
  })

  it('have no part in the norm of the gradient', async () => {
    const { update, state } = await pruned({ run: newRun() })
    const gradients = new Map(
      [...prunedWeights()].map(([name, { shape, data }]) => [
        name,
        float32(
          shape,
          data.map((_, i) => (matrices.includes(name) && i % 3 === 0 ? 1e6 : 0)),
        ),
      ]),
    )
    await state.gradients.write(gradients)
    expect(await update.apply(state, 1e-3)).toBe(0)
    await state.gradients.write(gradients)
    expect(await update.apply(state, 1e-3, 1024)).toBe(0)
  })

  it('are those of the begin after a resume, and the run is the same bit by bit', async () => {
    const optimizer = () => muon({ learningRate: 3e-3, matrixLearningRate: 0.02 })
    const whole = newRun()
    const straight = await pruned({ run: whole, optimizer: optimizer() })
    await straight.trainer.run()
    const stopped = newRun()
    const controller = new AbortController()
    const halted = await syntheticTrainer({
      ...{
        run: stopped,
        average: true,
        optimizer: optimizer(),
        values: prunedWeights(),
        keepZeros: matrices,
      },
      signal: controller.signal,
      callbacks: [{ onStep: (step) => void (step === 7 && controller.abort()) }],
    })
    await halted.trainer.run()
    // As a run that is resumed: no values, and no names, which only the base knows.
    const resumed = await syntheticTrainer({
      run: stopped,
      average: true,
      optimizer: optimizer(),
      keepZeros: [],
    })
    expect(await resumed.trainer.resume()).toBe(7)
    await resumed.trainer.run()
    await expectKept(resumed.state.values)
    for (const name of ['model', 'optimizer'])
      expect(hashOf(join(checkpointDirectory(stopped, 20), `${name}.safetensors`)), name).toBe(
        hashOf(join(checkpointDirectory(whole, 20), `${name}.safetensors`)),
      )
  })
})
