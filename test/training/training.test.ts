import { describe, expect, it } from 'vitest'
import { float32 } from '../../src/core/index.ts'
import { Engine } from '../../src/engine/index.ts'
import { initialLossScale, sgd } from '../../src/optim/index.ts'
import { contrastiveTask, type PreparationOptions, prepareTraining } from '../../src/training/index.ts'
import { smallClip } from './synthetic-run.ts'

const engine = new Engine({ threads: 1 })

const prepare = (options: Partial<PreparationOptions> = {}) =>
  prepareTraining({
    task: contrastiveTask(smallClip()),
    engine,
    optimizer: sgd({ learningRate: 0.3 }),
    seed: 5,
    ...options,
  })

describe('a training that is prepared', () => {
  it('begins with the values that are given, and draws the others', async () => {
    const drawn = await (await prepare()).state.values.read()
    const values = new Map([['logit_scale', float32([], [1.5])]])
    const { state, learningRate } = await prepare({ values })
    expect(learningRate).toBe(0.3)
    for (const [name, { data }] of await state.values.read())
      expect(data, name).toEqual(name === 'logit_scale' ? Float32Array.of(1.5) : drawn.get(name)!.data)
  })

  it.each([
    ['logit_scale', /'logit_scale' has shape \[2\], the model needs \[\]/],
    ['logit_scales', /'logit_scales' has shape \[2\], but the model has no such parameter/],
  ])('refuses values of %s that do not fit', async (name, message) => {
    const values = new Map([[name, float32([2], [1, 2])]])
    await expect(prepare({ values })).rejects.toMatchObject({
      code: 'training/initial-values',
      message: expect.stringMatching(message),
    })
  })

  it('has a loss scale in half precision', async () => {
    expect(await prepare()).not.toHaveProperty('lossScale')
    const task = contrastiveTask(smallClip(), { precision: 'float16' })
    expect((await prepare({ task })).lossScale).toEqual(initialLossScale)
  })
})
