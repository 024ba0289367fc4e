import { z } from 'zod'
import { position as positionMetrics } from '../../../metrics/index.ts'
import type { HeadKind } from './head-kind.ts'
import { errorsInUnit, inUnit, meanAndSpread } from './in-unit.ts'
import { label, layers, unit } from './keys.ts'

const schema = z.strictObject({ kind: z.literal('position'), label, ...layers, ...unit })

/** Target position in metres. */
export const position: HeadKind<typeof schema, 'values'> = {
  schema,
  labels: { values: { key: 'label', kind: 'position' } },
  outputs: () => 3,
  forward: (raw, _, head) => ({ values: inUnit(raw, head) }),
  unit: meanAndSpread,
  errors: (outputs, labels, { scale }) => ({ values: errorsInUnit(outputs.values, labels.values, scale) }),
  metrics({ values }, _, tolerances) {
    const { withinFraction, ...errors } = positionMetrics({ ...values, tolerance: tolerances.position })
    return { success: withinFraction, ...errors }
  },
  directions: () => ({ success: 'max', meanErrorMetres: 'min', medianErrorMetres: 'min' }),
}
