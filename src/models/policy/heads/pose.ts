import { z } from 'zod'
import { concat, type Tensor } from '../../../graph/index.ts'
import { rotationErrors } from '../../../losses/index.ts'
import { pose as poseMetrics } from '../../../metrics/index.ts'
import type { HeadKind } from './head-kind.ts'
import { errorsInUnit, inUnit } from './in-unit.ts'
import { label, layers, unit } from './keys.ts'

const schema = z.strictObject({ kind: z.literal('pose'), label, ...layers, ...unit })

/**
 * Grasp pose: a position in metres and a rotation vector in radians. The scale is the position's; a rotation is of the
 * order of 1 radian by itself. The error is that of the position, plus 4·sin²(θ/2) of the rotation.
 */
export const pose: HeadKind<typeof schema, 'values'> = {
  schema,
  labels: { values: { key: 'label', kind: 'pose' } },
  outputs: () => 6,
  forward(raw, _, { mean = Array<number>(6).fill(0), scale }) {
    const [position, rotation] = halves(raw)
    const parts = [
      inUnit(position, { mean: mean.slice(0, 3), scale }),
      inUnit(rotation, { mean: mean.slice(3) }),
    ]
    return { values: concat(parts, 1) }
  },
  unit: { mean: ({ mean }) => mean, scale: (moments) => moments.spread(3) },
  errors(outputs, labels, { scale }) {
    const [position, rotation] = halves(outputs.values)
    const [place, turn] = halves(labels.values)
    return { values: errorsInUnit(position, place, scale).add(rotationErrors(rotation, turn)) }
  },
  metrics({ values }, _, { graspPosition, graspRotation }) {
    const { withinFraction, ...errors } = poseMetrics({
      ...values,
      positionTolerance: graspPosition,
      rotationTolerance: graspRotation,
    })
    return { success: withinFraction, ...errors }
  },
  directions: () => ({
    success: 'max',
    meanPositionErrorMetres: 'min',
    medianPositionErrorMetres: 'min',
    meanRotationErrorRadians: 'min',
    medianRotationErrorRadians: 'min',
  }),
}

const halves = (pose: Tensor) => pose.split([3, 3], 1) as [position: Tensor, rotation: Tensor]
