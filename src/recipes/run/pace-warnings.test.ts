import { expect, it } from 'vitest'
import type { Source } from '../../data/index.ts'
import { cosine } from '../../optim/index.ts'
import { parseRecipe, recipes } from '../index.ts'
import { paceWarnings } from './pace.ts'

const warningsOf = (change: object, size = 20, samplesPerEpoch = size) => {
  const config = parseRecipe({ ...recipes.emoji!(), epochs: 30, ...change })
  const training: Source = { name: 'photos', spec: {}, size, async *samples() {} }
  return paceWarnings(config, { training, samplesPerEpoch, validation: undefined, tests: {} })
}

it('warns of a batch that is larger than the data, and of a warm-up that is longer than the run', () => {
  const optimizer = { kind: 'adamW', learningRate: 1e-3 }
  const schedule = cosine({ warmupSteps: 200 })
  expect(warningsOf({ batches: { size: 256 }, schedule, optimizer })).toEqual([
    'warning: batches.size 256 is more than the 20 samples of photos: each batch repeats them, 12.8 times on average',
    'warning: schedule.warmupSteps 200, but the run has 3 steps in all: the learning rate ends at 1.5 % of the ' +
      '0.001 asked for',
  ])
  const epochs = cosine({ warmupEpochs: 40 })
  expect(warningsOf({ batches: { size: 20 }, schedule: epochs })).toEqual([
    expect.stringMatching(/^warning: schedule\.warmupEpochs 40, but the run has 30 steps in all/),
  ])
})

it('says nothing of a batch as large as the data, a warm-up that ends with the run, or short epochs', () => {
  expect(warningsOf({ batches: { size: 20 }, schedule: cosine({ warmupSteps: 30 }) })).toEqual([])
  expect(warningsOf({ batches: { size: 20 }, schedule: cosine() }, 100, 10)).toEqual([])
})
