import { describe, expect, it } from 'vitest'
import { checkBatchNames } from './batch-names.ts'
import { emptyLabelRows, type LabelKinds, labelProblem, writeLabels } from './label-rows.ts'

const kinds: LabelKinds = {
  category: { kind: 'class', classes: 3 },
  box: { kind: 'box' },
  target: { kind: 'position' },
  joints: { kind: 'joints', length: 2 },
}

const labelled = (labels: Record<string, number[]>) => ({
  id: 'one',
  origin: { file: 'list.jsonl', line: 3 },
  labels,
})

describe('labels', () => {
  it('become rows: classes as distributions, the absent zero', () => {
    const rows = emptyLabelRows(kinds, 2)
    writeLabels(rows, 1, { category: [2], target: [1, -2, 0.5] }, kinds)
    expect(rows.category).toMatchObject({ dtype: 'float32', shape: [2, 3] })
    expect([...rows.category!.data]).toEqual([0, 0, 0, 0, 0, 1])
    expect([...rows.target!.data]).toEqual([0, 0, 0, 1, -2, 0.5])
    expect([...rows.categoryPresent!.data]).toEqual([0, 1])
    expect([...rows.boxPresent!.data]).toEqual([0, 0])
    expect(rows.joints?.shape).toEqual([2, 2])
  })

  it('may all be missing', () => {
    const { labels, ...bare } = labelled({})
    expect(labelProblem(bare, kinds)).toBeUndefined()
    expect(labelProblem(labelled({ category: [0], box: [0, 0, 1, 1] }), kinds)).toBeUndefined()
  })

  it.each([
    [{ box: [0, 0, 1] }, 'has 3 numbers, but a box here has 4'],
    [{ joints: [0, 1, 2] }, 'has 3 numbers, but a joints here has 2'],
    [{ target: [0, Number.NaN, 1] }, 'not finite: [0, NaN, 1]'],
    [{ target: [0, Number.POSITIVE_INFINITY, 1] }, 'not finite'],
    [{ category: [3] }, 'is [3], but its classes are 0 to 2 (counted from 1?)'],
    [{ box: [0.5, 0, 0.2, 1] }, '[left, top, right, bottom]'],
    [{ colour: [1] }, 'not among the labels'],
    [{ toString: [1] }, 'not among the labels'],
  ])('%j is a bad sample', (labels, words) => {
    const problem = labelProblem(labelled(labels), kinds)
    expect(problem).toMatchObject({
      code: 'data/bad-label',
      facts: { sample: 'one', file: 'list.jsonl', line: 3, label: Object.keys(labels)[0] },
    })
    expect(problem?.message).toContain(`list.jsonl:3, sample one: its label "${Object.keys(labels)[0]}"`)
    expect(problem?.message).toContain(words)
  })

  it.each([['pixelValues'], ['boxPresent']])('cannot be called %s', (name) => {
    const clash = { box: { kind: 'box' }, [name]: { kind: 'point' } } satisfies LabelKinds
    expect(() => checkBatchNames(clash, {})).toThrow(expect.objectContaining({ code: 'data/label-name' }))
    expect(() => checkBatchNames(clash, {})).toThrow(name)
  })
})
