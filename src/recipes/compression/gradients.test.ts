import { expect, it } from 'vitest'
import { tinyBundle } from '../../../test/support/tiny-bundle.ts'
import { type Batch, float32, int64, random } from '../../core/index.ts'
import type { Bundle } from '../../deploy/index.ts'
import { Engine } from '../../engine/index.ts'
import { sgd } from '../../optim/index.ts'
import { alone, contrastiveTask, prepareTraining } from '../../training/index.ts'
import { contrastiveObjective } from '../objectives/contrastive.ts'
import type { Objective } from '../objectives/objective.ts'
import { calibrationGradients } from './gradients.ts'

const bundle = tinyBundle()
const stream = random(2, 'pictures')

function batchOf(texts: readonly string[], first: number): Batch {
  const { image, text } = bundle.model.inputs
  const pixels = Array.from({ length: texts.length * image.channels * image.size ** 2 }, () =>
    stream.normal(),
  )
  const ids = texts.flatMap((words) => bundle.tokenizer.encode(words, text.length).inputIds)
  return {
    ids: texts,
    arrays: {
      pixelValues: float32([texts.length, image.channels, image.size, image.size], pixels),
      inputIds: int64([texts.length, text.length], ids),
      concepts: int64(
        [texts.length],
        texts.map((_, i) => first + i),
      ),
    },
  }
}

const batches = [
  batchOf(['a red apple', 'a red car', 'a green apple', 'a dog'], 0),
  batchOf(['a cat', 'a red table'], 4),
]

const judge = { objective: contrastiveObjective as unknown as Objective, options: { kind: 'contrastive' } }
const gradientsOf = (of: Bundle, chosen: readonly Batch[]) =>
  calibrationGradients(
    of,
    (async function* () {
      yield* chosen
    })(),
    { judge: { ...judge, captions: 'first', recipe: undefined }, seed: 1, threads: 1 },
  )

/** Loss of a batch with one weight moved. */
async function lossAt(name: string, index: number, step: number): Promise<number> {
  const { shape, data } = bundle.weights.get(name)!
  const moved = float32(
    shape,
    data.map((value, i) => (i === index ? value + step : value)),
  )
  const task = contrastiveTask(bundle.model, { precision: 'float32' })
  const engine = new Engine({ threads: 1 })
  const values = new Map([...bundle.weights, [name, moved] as const])
  const { state } = await prepareTraining({ task, engine, optimizer: sgd({}), seed: 1, values })
  return (await task.computeGradients([batches[0]!], state, alone)).loss
}

it('gives the gradient of the loss, as central differences do', async () => {
  const gradients = await gradientsOf(bundle, batches.slice(0, 1))
  for (const [name, index] of [
    ['visual_projection.weight', 5],
    ['text_model.encoder.layers.1.mlp.fc2.weight', 40],
  ] as const) {
    const step = 0.05
    const slope = ((await lossAt(name, index, step)) - (await lossAt(name, index, -step))) / (2 * step)
    expect(gradients.get(name)!.data[index]! / slope, name).toBeCloseTo(1, 1)
  }
})

it('takes the mean over the samples of all batches', async () => {
  const [first, second, both] = [
    await gradientsOf(bundle, batches.slice(0, 1)),
    await gradientsOf(bundle, batches.slice(1)),
    await gradientsOf(bundle, batches),
  ]
  const name = 'text_projection.weight'
  for (const [i, value] of both.get(name)!.data.entries()) {
    const mean = (4 * first.get(name)!.data[i]! + 2 * second.get(name)!.data[i]!) / 6
    expect(value).toBeCloseTo(mean, 6)
  }
  expect([...both.keys()].toSorted()).toEqual([...bundle.weights.keys()].toSorted())
})
