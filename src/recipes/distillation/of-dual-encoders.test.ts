import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tinyBundle } from '../../../test/support/tiny-bundle.ts'
import { float32, int64, random } from '../../core/index.ts'
import { DualEncoderRuntime, writeBundle } from '../../deploy/index.ts'
import { Engine } from '../../engine/index.ts'
import { DualEncoderPrograms } from '../../models/index.ts'
import { sgd } from '../../optim/index.ts'
import { contrastiveTask, prepareTraining } from '../../training/index.ts'
import { distillationOfDualEncoders } from './of-dual-encoders.ts'

it('a model in training teaches with the values that it has now, its similarities scaled', async () => {
  const { model, weights } = tinyBundle()
  const engine = new Engine({ threads: 1 })
  const task = contrastiveTask(model)
  const { state } = await prepareTraining({ task, engine, optimizer: sgd({}), seed: 1, values: weights })
  const outputsOf = await distillationOfDualEncoders.inPlace!(model, 'largest', state)
  const encoders = await DualEncoderPrograms.create(engine, model, state.values)
  const stream = random(1, 'pixels')
  const pixelValues = float32(
    [2, 3, 32, 32],
    Array.from({ length: 2 * 3 * 32 * 32 }, () => stream.normal()),
  )
  const inputIds = int64([2, 16], new Array(32).fill(5))
  for (const logitScale of [1, 3]) {
    await state.values.write(new Map([['logit_scale', float32([], [logitScale])]]))
    const outputs = await outputsOf({ ids: ['a', 'b'], arrays: { pixelValues, inputIds } })
    const images = await encoders.encodeImages(pixelValues)
    const found = outputs['largest.imageFeatures']!
    expect(found.shape).toEqual([2, 24])
    for (const [i, value] of images.entries())
      expect(Number(found.data[i])).toBeCloseTo(value * Math.exp(logitScale), 4)
    expect([...outputs['largest.textFeatures']!.data]).toEqual([...(await encoders.encodeTexts(inputIds))])
  }
})

it.each([true, false])('a loaded teacher gives its features, where texts repeat: %s', async (textsRepeat) => {
  const directory = mkdtempSync(join(tmpdir(), 'teacher-'))
  try {
    const bundle = tinyBundle()
    await writeBundle(directory, bundle)
    const teacher = { name: 'teacher1', directory, description: bundle, digest: '' }
    const inputs = { images: 'pixelValues', texts: 'inputIds', textsRepeat }
    const outputsOf = await distillationOfDualEncoders.load(teacher, inputs, { threads: 1 })
    const ids = ['a red car', 'a red apple on a table', 'a red car', 'a green apple']
    const stream = random(2, 'pixels')
    const pixels = Array.from({ length: 4 * 3 * 32 * 32 }, () => stream.normal())
    const tokens = ids.flatMap((text) => bundle.tokenizer.encode(text, 16).inputIds)
    const arrays = { pixelValues: float32([4, 3, 32, 32], pixels), inputIds: int64([4, 16], tokens) }
    const { runner } = await DualEncoderRuntime.load(directory, { threads: 1 })
    const images = (await runner.encodeImages(arrays.pixelValues)).slice()
    const texts = (await runner.encodeTexts(arrays.inputIds)).slice()
    for (const _ of ['computed', 'kept']) {
      const found = await outputsOf({ ids, arrays })
      expect([...found['teacher1.imageFeatures']!.data]).toEqual([...images])
      const { shape, data } = found['teacher1.textFeatures']!
      expect(shape).toEqual([4, 24])
      for (const [i, value] of texts.entries()) expect(Number(data[i])).toBeCloseTo(value, 5)
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
})
