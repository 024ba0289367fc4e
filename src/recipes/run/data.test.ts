import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { drawShapes } from '../../../test/support/drawn-shapes.ts'
import { builtIn, parseRecipe, recipes } from '../index.ts'
import { openData } from './data.ts'

const directory = mkdtempSync(join(tmpdir(), 'run-data-'))
beforeAll(() => drawShapes(directory))

const configOf = (changes: object) => {
  const { validation: _, ...recipe } = recipes.emoji!()
  return parseRecipe({ ...recipe, tests: {}, data: { kind: 'folder', directory }, ...changes })
}

describe('openData', () => {
  it('opens what the recipe names', () => {
    expect(openData(configOf({}), builtIn).samplesPerEpoch).toBe(24)
  })

  it('refuses a crop larger than the pictures before anything is trained', () => {
    const augment = [{ kind: 'centerCrop', size: 40 }]
    const attempt = () => openData(configOf({ augment, images: { resolution: 32 } }), builtIn)
    expect(attempt).toThrow(expect.objectContaining({ code: 'augment/crop', facts: { size: 40, of: 32 } }))
  })

  it('refuses pictures of another size than the model takes', () => {
    const augment = [{ kind: 'centerCrop', size: 32 }]
    expect(openData(configOf({ augment, images: { resolution: 48 } }), builtIn)).toBeDefined()
    const facts = { size: 48, expected: 32 }
    expect(() => openData(configOf({ images: { resolution: 48 } }), builtIn)).toThrow(
      expect.objectContaining({ code: 'config/image-size', facts }),
    )
  })
})
