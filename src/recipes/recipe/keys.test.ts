import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { keyHint } from './key-hint.ts'
import { placesOfKey } from './key-places.ts'
import { knownKeys } from './keys.ts'
import { builtIn } from './registry.ts'

const known = (path: Parameters<typeof knownKeys>[0]) => knownKeys(path, builtIn)
const hint = (path: Parameters<typeof knownKeys>[0], wrong: string) => keyHint(path, wrong, builtIn)

it('knows the keys at a path, those of every alternative, and where any key will do', () => {
  expect(known(['images'])).toEqual(['resolution', 'fit', 'cropFraction', 'kernel', 'background'])
  expect(known(['data'])).toEqual(expect.arrayContaining(['split', 'directory', 'shards', 'of', 'keep']))
  expect(known(['tests', 'mine'])).toEqual(known(['data']))
  expect(known(['data', 'of', 'mine', 'data'])).toEqual(known(['data']))
  expect(known(['validation', 'data', 'of', 'of', 'keep'])).toContain('minimumCaptions')
  expect(known(['model', 'text_config'])).toContain('max_position_embeddings')
  expect(known(['parameters', 0])).toContain('freeze')
  expect(known(['seed'])).toEqual([])
  expect(known(['nowhere', 'at', 'all'])).toEqual([])
  for (const path of [['tests'], ['optimizer'], ['augment', 0]]) {
    expect(known(path), path.join('.')).toBeUndefined()
  }
})

it('hints at the nearest key, or at all there are', () => {
  expect(hint(['images'], 'fitt')).toBe("; did you mean 'fit'?")
  expect(hint(['images'], 'somethingElse')).toBe(
    '; there are resolution, fit, cropFraction, kernel, background',
  )
  expect(hint(['seed'], 'x')).toBe('; nothing can stand below')
})

it.each([
  ['batchsize', 'batches.size'],
  ['batch-size', 'batches.size'],
  ['batch_size', 'batches.size'],
  ['learning-rate', 'optimizer.learningRate'],
  ['weight-decay', 'optimizer.weightDecay'],
  ['warmup-steps', 'schedule.warmupSteps'],
  ['patience', 'validation.patience'],
  ['epoch', 'epochs'],
  ['workers', 'machine.workers'],
])('finds the place of %s: %s', (name, place) => {
  expect(placesOfKey(name)[0]).toBe(place)
})

it('finds no place for a name that is like none', () => {
  expect(placesOfKey('gradient-penalty')).toEqual([])
  expect(hint([], 'batchsize')).toBe("; did you mean 'batches.size'?")
})

it('is told in full by the documentation', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/recipes.md'), 'utf8')
  const groups = ['batches', 'checkpoints', 'images', 'log', 'machine', 'texts', 'validation']
  const keys = known([])!.flatMap((key) =>
    groups.includes(key) ? known([key])!.map((inner) => `${key}.${inner}`) : [key],
  )
  expect(keys.filter((key) => !page.includes(`\`${key}`))).toEqual([])
})
