import { TrainingError } from '../core/index.ts'

/** State of a run in which a value of a step was computed. */
export interface Circumstances {
  readonly step: number
  readonly sampleIds: readonly string[]
  /** The newest checkpoint; undefined before the first. */
  readonly checkpoint: string | undefined
  /** True where the model computes in half precision. */
  readonly inHalves: boolean
}

/** @throws TrainingError `training/not-finite` that names step, samples and the last good checkpoint. */
export function requireFinite(
  number: Readonly<{ loss: number } | { gradientNorm: number }>,
  { inHalves, ...facts }: Circumstances,
): void {
  const [name, value] = 'loss' in number ? ['loss', number.loss] : ["gradient's norm", number.gradientNorm]
  if (Number.isFinite(value)) return
  const { step, checkpoint, sampleIds } = facts
  const safe = checkpoint ? `the last good checkpoint is ${checkpoint}` : 'there is no checkpoint yet'
  throw new TrainingError(
    'training/not-finite',
    `step ${step}: the ${name} is ${value}; ${safe}. ${inHalves ? 'Train in float32, lower' : 'Lower'} the learning ` +
      `rate or look at the batch: ${sampleIds.join(', ')}`,
    { ...facts, ...number },
  )
}
