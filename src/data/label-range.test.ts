import { expect, test } from 'vitest'
import { labelRangeProblem } from './label-range.ts'
import type { LabelKind } from './sample.ts'

const category = { kind: 'class', classes: 3 } as const
const box = { kind: 'box' } as const
const point = { kind: 'point' } as const
const position = { kind: 'position' } as const
const pose = { kind: 'pose' } as const
const joints = { kind: 'joints', length: 2 } as const

test.each<[LabelKind, readonly number[]]>([
  [category, [0]],
  [category, [2]],
  [box, [0, 0, 1, 1]],
  [box, [0.2, 0.3, 0.2, 0.3]],
  [box, [-0.004, 0, 1.0000001, 1.01]],
  [point, [0.5, 1]],
  [position, [3.2, -100, 0]],
  [pose, [0.1, 0, 0.4, 0, 0, Math.PI]],
  [pose, [0.1, 0, 0.4, 0, 2 * Math.PI, 0]],
  [joints, [-6.3, 12.5]],
  [{ kind: 'number', length: 1 }, [1e9]],
])('%j holds %j', (kind, numbers) => {
  expect(labelRangeProblem(numbers, kind)).toBeUndefined()
})

test.each<[LabelKind, readonly number[], string]>([
  [category, [3], '0 to 2 (counted from 1?)'],
  [category, [7], '(more classes than 3?)'],
  [category, [-1], '(no class: leave the label out?)'],
  [category, [0.5], '(a probability?)'],
  [box, [12, 30, 64, 60], 'from 0 to 1 (pixels?)'],
  [box, [120, 80, 40, 30], '(x, y, width and height in pixels?)'],
  [box, [0.5, 0.6, 0.2, 0.3], 'from 0 to 1 (x, y, width and height?)'],
  [box, [0.5, 0.6, -0.2, 0.3], '(corners the wrong way round?)'],
  [box, [0.5, 0.6, 1.2, 0.9], '(beyond the edges of the picture: cut it there?)'],
  [point, [320, 200], 'from 0 to 1 (pixels?)'],
  [point, [-0.2, 0.4], '(out of the picture?)'],
  [position, [350, 0, 120], 'in metres, 100 at most along each axis (millimetres?)'],
  [pose, [350, 0, 120, 0, 0, 1], '(millimetres?)'],
  [pose, [0.3, 0, 0.1, 0, 0, 90], 'in radians, one turn or 6.28 at most (degrees?)'],
  [joints, [45, -90], 'two turns or 12.57 at most (degrees?)'],
])('%j does not hold %j', (kind, numbers, cause) => {
  expect(labelRangeProblem(numbers, kind)).toContain(`is [${numbers.join(', ')}], but `)
  expect(labelRangeProblem(numbers, kind)).toContain(cause)
})
