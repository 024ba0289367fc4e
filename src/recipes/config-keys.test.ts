import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { keyHint, knownKeys } from './config-keys.ts'

it('knows the keys at a path, those of every alternative, and where any key will do', () => {
  expect(knownKeys(['images'])).toEqual(['resolution', 'fit'])
  expect(knownKeys(['data'])).toEqual(expect.arrayContaining(['split', 'directory', 'shards', 'of', 'keep']))
  expect(knownKeys(['tests', 'mine'])).toEqual(knownKeys(['data']))
  expect(knownKeys(['data', 'of', 'mine', 'data'])).toEqual(knownKeys(['data']))
  expect(knownKeys(['validation', 'of', 'of', 'keep'])).toContain('minimumCaptions')
  expect(knownKeys(['model', 'text_config'])).toContain('max_position_embeddings')
  expect(knownKeys(['parameters', 0])).toContain('freeze')
  expect(knownKeys(['seed'])).toEqual([])
  expect(knownKeys(['nowhere', 'at', 'all'])).toEqual([])
  for (const path of [['tests'], ['optimizer', 'options'], ['augment', 0]]) {
    expect(knownKeys(path), path.join('.')).toBeUndefined()
  }
})

it('hints at the nearest key, or at all there are', () => {
  expect(keyHint(['images'], 'fitt')).toBe("; did you mean 'fit'?")
  expect(keyHint(['images'], 'somethingElse')).toBe('; there are resolution, fit')
  expect(keyHint(['seed'], 'x')).toBe('; nothing can stand below')
})

it('is told in full by the documentation', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/recipes.md'), 'utf8')
  const keys = knownKeys([])!.flatMap((key) =>
    key === 'images' ? ['images.resolution', 'images.fit'] : [key],
  )
  expect(keys.filter((key) => !page.includes(`\`${key}`))).toEqual([])
})
