import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { evaluate } from '../../../../test/support/evaluate.ts'
import { everyHead } from '../../../../test/training/synthetic-policy.ts'
import { float32 } from '../../../core/index.ts'
import { input } from '../../../graph/index.ts'
import { squaredErrors } from '../../../losses/index.ts'
import type { HeadKind } from './head-kind.ts'
import { headConfig, headKindOf, headKinds, headLabels, labelsOf } from './index.ts'
import { label, layers } from './keys.ts'

// All that a kind of head takes: one file with its row, and one line in the table.
const schema = z.strictObject({
  kind: z.literal('gripper'),
  label,
  widest: z.number().default(0.1),
  ...layers,
})

const gripper: HeadKind<typeof schema, 'width'> = {
  schema,
  labels: { width: { key: 'label', kind: 'number' } },
  outputs: () => 1,
  forward: (raw, _, { widest }) => ({ width: raw.sigmoid().mul(widest) }),
  unit: {},
  errors: (outputs, labels) => ({ width: squaredErrors(outputs.width, labels.width).mean(-1) }),
  metrics: ({ width: { predictions, targets } }, _, { number }) => ({
    success:
      predictions.filter((value, i) => Math.abs(value - targets[i]!) <= number).length / targets.length,
  }),
  directions: () => ({ success: 'max' }),
}

describe('a kind of head', () => {
  it('is a row, which does not compile without each of its rules', async () => {
    const { errors: _, ...incomplete } = gripper
    // @ts-expect-error the errors are missing
    const row: HeadKind<typeof schema, 'width'> = incomplete
    expect(row).not.toHaveProperty('errors')

    const config = { ...headKinds, gripper }.gripper.schema.parse({ kind: 'gripper', label: 'opening' })
    const [raw, place] = [input('raw', [2, 1]), input('place', [2, 2])]
    const { width } = gripper.forward(raw, place, config)
    const truth = input('truth', [2, 1])
    const { width: errors } = gripper.errors({ width }, { width: truth }, config, {
      box: { beta: 1, overlap: 0 },
    })
    const feeds = { raw: float32([2, 1], [0, 0]), truth: float32([2, 1], [0.05, 0.25]) }
    const results = await evaluate({ width, errors }, feeds)
    expect(results.width).toEqual([expect.closeTo(0.05, 6), expect.closeTo(0.05, 6)])
    expect(results.errors).toEqual([expect.closeTo(0, 6), expect.closeTo(0.04, 6)])
  })

  it.each(Object.entries(everyHead))('%s stands in the table under its own name', (_, given) => {
    const head = headConfig.parse(given)
    const row = headKindOf(head)
    expect(row).toBe(headKinds[given.kind])
    expect(row.schema.parse(given)).toEqual(head)
    expect(row.directions(head)).toHaveProperty('success', 'max')
  })
})

describe('the labels of a head', () => {
  it('are those that its config names, output by output', () => {
    expect(headLabels(headConfig.parse(everyHead.detection))).toEqual([
      { output: 'box', key: 'box', label: 'box', kind: 'box', isOptional: false },
      { output: 'category', key: 'category', label: 'category', kind: 'class', isOptional: true },
    ])
    expect(labelsOf(headConfig.parse({ kind: 'detection', box: 'area' }))).toEqual(['area'])
    expect(headLabels(headConfig.parse(everyHead.weight))).toEqual([
      { output: 'values', key: 'label', label: 'weight', kind: 'number', isOptional: false },
    ])
  })
})
