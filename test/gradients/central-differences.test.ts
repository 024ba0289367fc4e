import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ops } from '../../src/graph/index.ts'
import * as losses from '../../src/losses/index.ts'
import { checkGradient } from './check-gradient.ts'
import { functionSamples } from './function-samples.ts'
import { opSamples } from './op-samples.ts'

describe('gradients against central differences over random shapes', () => {
  it.each(Object.entries({ ...opSamples, ...functionSamples }))('%s', async (_, samples) => {
    await fc.assert(fc.asyncProperty(samples, checkGradient), { numRuns: 14, seed: 7 })
  })

  it('covers every op that has a gradient', () => {
    const differentiable = Object.entries(ops).filter(([, row]) => row.gradient !== 'none')
    const names = differentiable.map(([name]) => name).filter((name) => name !== 'cast')
    expect(Object.keys(opSamples).sort()).toEqual(names.sort())
  })

  it('covers every loss', () => {
    const withoutGradient = ['matchingLabels', 'matchingPairs', 'matchingTargets', 'textNumbers']
    const names = Object.keys(losses).filter((name) => !withoutGradient.includes(name))
    expect(Object.keys(functionSamples)).toEqual(expect.arrayContaining(names))
  })
})
