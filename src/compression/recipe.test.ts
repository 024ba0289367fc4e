import { describe, expect, it } from 'vitest'
import { methods } from './methods.ts'
import { parseCompression } from './recipe.ts'

const problemsOf = (input: unknown): string => {
  try {
    parseCompression(input, methods)
  } catch (error) {
    expect(error).toMatchObject({ code: 'compression/recipe' })
    return (error as Error).message
  }
  throw new Error('it is taken for valid')
}

describe('a compression', () => {
  it('gets every default; a second pass changes nothing', () => {
    const recipe = parseCompression({ steps: [{ kind: 'prune' }] }, methods)
    expect(recipe).toEqual({
      seed: 0,
      steps: [{ kind: 'prune', ratio: 0.3, importance: 'magnitude', parameters: ['*'], except: [] }],
      calibration: { samples: 256 },
      evaluate: {},
      store: 'dense',
    })
    expect(parseCompression(recipe, methods)).toEqual(recipe)
  })

  it('stores N:M sparse, unless it says otherwise', () => {
    const steps = [{ kind: 'sparsity', n: 2, m: 4 }]
    expect(parseCompression({ steps }, methods).store).toBe('sparse')
    expect(parseCompression({ steps, store: 'dense' }, methods).store).toBe('dense')
  })

  it.each<[string, unknown, string]>([
    ['a ratio of 0', { steps: [{ kind: 'prune', ratio: 0 }] }, 'steps.0.ratio'],
    ['a ratio of 1', { steps: [{ kind: 'prune', ratio: 1 }] }, 'steps.0.ratio'],
    ['a wrong kind', { steps: [{ kind: 'prunes' }] }, "did you mean 'prune'"],
    ['a wrong key', { steps: [{ kind: 'prune', rato: 0.3 }] }, "did you mean 'ratio'"],
    ['a wrong key on top', { step: [], steps: [{ kind: 'prune' }] }, "did you mean 'steps'"],
    ['4 of 4', { steps: [{ kind: 'sparsity', n: 4, m: 4 }] }, 'n is less than m'],
    ['no steps', { steps: [] }, 'name a step'],
    ['a budget above 0', { steps: [{ kind: 'prune' }], budget: { quality: 1 } }, 'budget.quality'],
  ])('is refused with %s', (_, input, said) => {
    expect(problemsOf(input)).toContain(said)
  })
})
