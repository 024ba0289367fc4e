import { z } from 'zod'
import { jointList } from '../../../data/joint-list.ts'
import { joints as jointMetrics } from '../../../metrics/index.ts'
import type { HeadKind } from './head-kind.ts'
import { errorsInUnit, inUnit, meanAndSpread } from './in-unit.ts'
import { label, layers, unit } from './keys.ts'

const schema = z
  .strictObject({
    kind: z.literal('joints'),
    label,
    length: z.int().positive().default(7),
    /** Names and limits of the joints, in the order of the values. Default: those that the training data gives. */
    joints: jointList.optional(),
    ...layers,
    ...unit,
  })
  .refine(({ length, joints }) => joints === undefined || joints.length === length, {
    path: ['joints'],
    message: 'as many joints as `length` says',
  })

/** The angles of an arm's joints, in radians. */
export const joints: HeadKind<typeof schema, 'values'> = {
  schema,
  labels: { values: { key: 'label', kind: 'joints' } },
  outputs: ({ length }) => length,
  forward: (raw, _, head) => ({ values: inUnit(raw, head) }),
  unit: meanAndSpread,
  errors: (outputs, labels, { scale }) => ({ values: errorsInUnit(outputs.values, labels.values, scale) }),
  metrics({ values }, { length }, { joint }) {
    const { withinFraction, ...errors } = jointMetrics({ ...values, joints: length, tolerance: joint })
    return { success: withinFraction, ...errors }
  },
  directions: () => ({ success: 'max', meanErrorRadians: 'min', medianWorstErrorRadians: 'min' }),
}
