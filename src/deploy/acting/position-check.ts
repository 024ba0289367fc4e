import { actionsOf, type ConfigWithHeads } from '../../models/index.ts'
import type { Prediction } from '../prediction.ts'
import { requireFinite } from './acting.ts'
import { JointEnvelope } from './envelope.ts'

/**
 * Check of what a policy predicts before it leaves a server: every value is finite, and targets of joints are within the positions
 * that the bundle gives. A server knows neither the state of a robot nor its last target, so that speed and step are for the
 * robot to check.
 * @returns Function that throws ActionError `deploy/not-finite` or `deploy/outside-envelope`.
 */
export function positionCheck(config: ConfigWithHeads): (prediction: Prediction) => void {
  const envelopes = Object.entries(actionsOf(config)).flatMap(([label, { kind, joints }]) =>
    kind === 'joints' && joints ? [[label, new JointEnvelope(joints, {})] as const] : [],
  )
  return (prediction) => {
    requireFinite(Object.entries(prediction))
    for (const [label, envelope] of envelopes)
      if (prediction[label]) envelope.require(prediction[label], undefined)
  }
}
