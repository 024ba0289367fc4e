import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { comparisons, trainings } from '../../benchmarks/ablations/methods.ts'
import { methodsTable, type Results } from '../../benchmarks/ablations/table.ts'
import { parseRecipe } from '../../src/recipes/index.ts'

const all = trainings((name) => `runs/${name}`)

describe('the ablations', () => {
  it('begin as a program: an unknown method is named', () => {
    const main = join(import.meta.dirname, '..', '..', 'benchmarks', 'ablations', 'main.ts')
    const { status, stderr } = spawnSync('node', ['--import', 'tsx/esm', main, '--only', 'nothing'], {
      encoding: 'utf8',
    })
    expect(status).toBe(1)
    expect(stderr).toContain("there is no method 'nothing'")
  })

  it('compare trainings that there are, after those that they stand on', () => {
    const names = Object.keys(all)
    for (const comparison of comparisons)
      expect(names).toEqual(expect.arrayContaining([comparison.with, comparison.without]))
    for (const [name, { after = [] }] of Object.entries(all))
      for (const before of after) expect(names.indexOf(before)).toBeLessThan(names.indexOf(name))
  })

  it.each(Object.entries(all).filter(([, { recipe }]) => recipe.base === undefined))(
    'have a valid recipe: %s',
    (name, { recipe }) => {
      const { epochs, batches } = parseRecipe({ ...recipe, name })
      expect({ epochs, size: batches.size }).toEqual({ epochs: name === 'teacher' ? 9 : 3, size: 256 })
    },
  )

  it('show mean, deviation and gain over the seeds that both sides have', () => {
    const result = (style: number, concepts: number): Results => ({
      style: [style - 1, style + 1],
      concepts: [concepts, concepts],
    })
    const known: Record<string, readonly Results[]> = {
      a: [result(10, 4), result(12, 6), result(14, 5)],
      b: [result(9, 4), result(11, 7)],
    }
    const table = methodsTable([{ method: 'a', with: 'a', without: 'b' }], (name) => known[name]!)
    const row = table.split('\n').at(-1)
    // Style: 10, 12 beside 9, 11; both gains 1. Concepts: 4, 6 beside 4, 7; gains 0 and −1, standard error 0.5.
    expect(row).toBe('| a | 11.0 ± 1.4 | 10.0 ± 1.4 | **+1.0** | 5.0 ± 1.4 | 5.5 ± 2.1 | −0.5 | 2 |')
    expect(methodsTable([{ method: 'c', with: 'c', without: 'c' }], () => [])).toContain('| c | – | – | – |')
  })
})
