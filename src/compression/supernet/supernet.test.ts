import { describe, expect, it } from 'vitest'
import { exportedOutputs, largestDifference } from '../../../test/support/exported-outputs.ts'
import { tinyBundle, tinyPolicy } from '../../../test/support/tiny-bundle.ts'
import { type Batch, ConfigError, float32, type HostArray, int64, random } from '../../core/index.ts'
import type { Bundle } from '../../deploy/index.ts'
import { Engine } from '../../engine/index.ts'
import type { DualEncoder } from '../../models/index.ts'
import { adamW, sgd } from '../../optim/index.ts'
import { alone, contrastiveTask, prepareTraining, sandwichTask, type Task } from '../../training/index.ts'
import { partsSchema } from './parts.ts'
import { Supernet } from './supernet.ts'

const parts = {
  'vision_model.*': { hidden: [0.25, 1], heads: [0.5, 1], layers: [0.5, 1] },
  'text_model.*': { hidden: [0.5, 0.75, 1], heads: [0.25, 1] },
}
const clip = tinyBundle()
const supernet = new Supernet(clip, parts)
const engine = new Engine({ threads: 1 })

/** Pictures of one color each, and texts of the same word as often as its number says. */
function batchOf(first: number, count = 6): Batch {
  const stream = random(3, 'batch', first)
  const { size, channels } = clip.model.inputs.image
  const { length } = clip.model.inputs.text
  const colors = Array.from({ length: count }, (_, i) =>
    Array.from({ length: channels }, (_, c) => Math.sin(2.1 * ((first + i) % 8) + c)),
  )
  const pixels = colors.flatMap((color) =>
    color.flatMap((value) => Array.from({ length: size * size }, () => value + stream.normal(0, 0.1))),
  )
  const words = colors.flatMap(
    (_, i) =>
      clip.tokenizer.encode(
        ['red', 'car', 'apple', 'dog', 'cat', 'table', 'green', 'face'][(first + i) % 8]!,
        length,
      ).inputIds,
  )
  return {
    ids: colors.map((_, i) => `${first + i}`),
    arrays: {
      pixelValues: float32([count, channels, size, size], pixels),
      inputIds: int64([count, length], words),
      concepts: int64(
        [count],
        colors.map((_, i) => (first + i) % 8),
      ),
    },
  }
}

const taskOf = (model: Bundle['model']) => contrastiveTask(model as DualEncoder)

async function stateOf(task: Task, { weights }: Pick<Bundle, 'weights'>) {
  const optimizer = sgd({ learningRate: 0.1 })
  return (await prepareTraining({ task, engine, optimizer, seed: 1, values: weights })).state
}

/** Gradients of one batch by name. */
async function gradientsOf(
  task: Task,
  bundle: Pick<Bundle, 'weights'>,
): Promise<ReadonlyMap<string, HostArray>> {
  const state = await stateOf(task, bundle)
  await task.computeGradients([batchOf(0)], state, alone)
  return state.gradients.read()
}

/** Request of a part of a step. */
const adding = { sampleLosses: false, accumulate: true }

/** Gradients of a sub-network alone, in the arena of the whole. */
async function inTheWhole(values: Parameters<Supernet['model']>[0]) {
  const state = await stateOf(taskOf(clip.model), clip)
  await state.gradients.clear()
  await taskOf(supernet.model(values)).computeGradients([batchOf(0)], state, alone, adding)
  return state.gradients.read()
}

let known: ReturnType<typeof inTheWhole> | undefined
const ofSmallest = () => {
  known ??= inTheWhole(supernet.smallest)
  return known
}

describe('a sub-network', () => {
  it('has the gradients of the model on its own, and zeros elsewhere', async () => {
    const gradients = await ofSmallest()
    const own = supernet.bundle(supernet.smallest, clip)
    const wanted = await gradientsOf(taskOf(own.model), own)
    expect(gradients.get('vision_model.encoder.layers.0.mlp.fc1.weight')!.shape).toEqual([48, 32])
    expect(wanted.get('vision_model.encoder.layers.0.mlp.fc1.weight')!.shape).toEqual([12, 32])
    for (const [name, { shape, data }] of gradients) {
      const alone = wanted.get(name)
      const found = [...data].filter((value) => value !== 0)
      if (!alone) expect(found, name).toEqual([])
      else if (`${alone.shape}` === `${shape}`) expectClose(data, alone.data, name)
      else
        expectClose(
          found,
          [...alone.data].filter((value) => value !== 0),
          name,
        )
    }
    const missing = [...gradients.keys()].filter((name) => !wanted.has(name))
    expect(missing.every((name) => name.startsWith('vision_model.encoder.layers.1.'))).toBe(true)
    expect(missing.length).toBeGreaterThan(0)
  })

  it('of a policy gives the same outputs inside the whole and on its own', async () => {
    const policy = tinyPolicy()
    const of = new Supernet(policy, { '*': { hidden: [0.5, 1], heads: [0.5, 1], layers: [0.5, 1] } })
    const [inside, own] = [
      await exportedOutputs({ ...policy, model: of.model(of.smallest) }),
      await exportedOutputs(of.bundle(of.smallest, policy)),
    ]
    expect(largestDifference(inside, own)).toBeLessThan(1e-5)
    expect(largestDifference(inside, await exportedOutputs(policy))).toBeGreaterThan(1e-3)
  })

  it('of all shares is the whole', () => {
    expect(supernet.bundle(supernet.largest, clip)).toBe(clip)
    expect(supernet.draw(random(1, 'a'))).toEqual(supernet.draw(random(1, 'a')))
  })
})

describe('the sandwich rule', () => {
  const sandwich = (draw: () => Task) =>
    sandwichTask({
      largest: taskOf(clip.model),
      smallest: taskOf(supernet.model(supernet.smallest)),
      random: 1,
      redrawSteps: 100,
      draw,
    })
  const middle = { ...supernet.smallest, 'vision_model.*/layers': 1, 'text_model.*/hidden': 0.75 }
  const task = sandwich(() => taskOf(supernet.model(middle)))

  it('adds up the gradients of the largest, the smallest and those drawn', async () => {
    const sum = await gradientsOf(task, clip)
    const terms = [await gradientsOf(taskOf(clip.model), clip), await ofSmallest(), await inTheWhole(middle)]
    for (const [name, { data }] of sum)
      expectClose(
        data,
        [...data.keys()].map((i) =>
          terms.reduce((total, term) => total + Number(term.get(name)!.data[i]), 0),
        ),
        name,
      )
  })

  it('makes sub-networks better than the same parts of a model that is trained as a whole', async () => {
    const lossAfter = async (of: Task, values: Parameters<Supernet['model']>[0]) => {
      const optimizer = adamW({ learningRate: 3e-3 })
      const options = { task: of, engine, optimizer, seed: 1, values: clip.weights }
      const { state, update } = await prepareTraining(options)
      for (let i = 0; i < 30; i++) {
        await of.computeGradients([batchOf(i)], state, alone)
        await update.apply(state, optimizer.learningRate)
      }
      const part = taskOf(supernet.model(values))
      return (await part.computeGradients([batchOf(100)], state, alone, adding)).loss
    }
    const whole = await lossAfter(taskOf(clip.model), supernet.smallest)
    const shared = await lossAfter(task, supernet.smallest)
    expect(shared).toBeLessThan(0.7 * whole)
  })
})

describe('parts', () => {
  it.each<[string, unknown]>([
    ['no part', {}],
    ['a share of 0', { '*': { hidden: [0, 1] } }],
    ['shares without 1', { '*': { hidden: [0.25, 0.5] } }],
    ['one share', { '*': { hidden: [1] } }],
    ['another kind', { '*': { width: [0.5, 1] } }],
    ['a part of nothing', { '*': {} }],
  ])('of %s are refused', (_, wrong) => {
    expect(partsSchema.safeParse(wrong).success).toBe(false)
  })

  it.each<[string, Parameters<typeof partsSchema.parse>[0], string]>([
    ['a pattern that matches nothing', { 'vision.*': { hidden: [0.5, 1] } }, 'optim/pattern'],
    [
      'two patterns for one place',
      { '*': { heads: [0.5, 1] }, 'text_model.*': { heads: [0.5, 1] } },
      'compression/supernet',
    ],
  ])('refuse %s', (_, wrong, code) => {
    const make = () => new Supernet(clip, partsSchema.parse(wrong))
    expect(make).toThrow(ConfigError)
    expect(make).toThrow(expect.objectContaining({ code }))
  })
})

function expectClose(
  found: ArrayLike<number | bigint>,
  wanted: ArrayLike<number | bigint>,
  name: string,
): void {
  expect(found.length, name).toBe(wanted.length)
  for (let i = 0; i < found.length; i++) expect(Number(found[i]), name).toBeCloseTo(Number(wanted[i]), 5)
}
