import { z } from 'zod'
import { fractionWithinTolerance } from '../../../metrics/index.ts'
import type { HeadKind } from './head-kind.ts'
import { errorsInUnit, inUnit, meanAndSpread } from './in-unit.ts'
import { label, layers, unit } from './keys.ts'

const schema = z.strictObject({
  kind: z.literal('regression'),
  label,
  length: z.int().positive(),
  ...layers,
  ...unit,
})

/** Values without a transformation. */
export const regression: HeadKind<typeof schema, 'values'> = {
  schema,
  labels: { values: { key: 'label', kind: 'number' } },
  outputs: ({ length }) => length,
  forward: (raw, _, head) => ({ values: inUnit(raw, head) }),
  unit: meanAndSpread,
  errors: (outputs, labels, { scale }) => ({ values: errorsInUnit(outputs.values, labels.values, scale) }),
  metrics({ values }, { length }, { number }) {
    const tolerance = Array.from({ length }, () => number)
    return { success: fractionWithinTolerance({ ...values, tolerance }) }
  },
  directions: () => ({ success: 'max' }),
}
