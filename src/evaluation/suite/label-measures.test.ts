import { expect, test } from 'vitest'
import type { HeadLabel } from '../../models/index.ts'
import { labelMeasures } from './label-measures.ts'

const label = (output: string, kind: string) => ({ output, label: output, kind }) as HeadLabel
const box = [0.1, 0.1, 0.4, 0.4]

test('boxes without a class are counted and told, and the others judged', () => {
  const notes: string[] = []
  const boxes = Float32Array.from([...box, ...box, ...box])
  const { metrics } = labelMeasures(
    [
      { label: label('box', 'box'), ids: ['a', 'b', 'c'], predictions: boxes, targets: boxes },
      {
        ...{ label: label('kind', 'class'), ids: ['a', 'c'] },
        predictions: Float32Array.from([3, 0, 0, 3]),
        targets: Float32Array.from([1, 0, 0, 1]),
      },
    ],
    100,
    (text) => notes.push(text),
  )
  expect(metrics.meanAveragePrecision).toMatchObject({ value: 1, count: 2 })
  expect(notes).toEqual(['1 of 3 boxes have no class and are left out of the mean average precision'])
})
