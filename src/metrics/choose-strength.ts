import { DataError } from '../core/index.ts'
import { classification } from './classification.ts'
import {
  type LabelledFeatures,
  type LinearProbe,
  type LinearProbeInput,
  linearProbe,
  probeScores,
} from './linear-probe.ts'

export interface ChooseStrengthInput
  extends Omit<LinearProbeInput, 'inverseStrength' | keyof LabelledFeatures> {
  readonly train: LabelledFeatures
  readonly validation: LabelledFeatures
  /** Values of C to try. Default 10⁻³, 10⁻² … 10³. */
  readonly inverseStrengths?: readonly number[]
}

/** The best probe on validation data, and what was tried. */
export interface ChosenStrength {
  readonly inverseStrength: number
  /** Fraction of the validation samples that the probe has right, in [0, 1]. */
  readonly accuracy: number
  readonly probe: LinearProbe
  /** All values in order, the strongest penalty first. */
  readonly tried: readonly {
    readonly inverseStrength: number
    readonly accuracy: number
    readonly converged: boolean
  }[]
}

/**
 * Choose the strength of a linear probe's penalty by accuracy on validation data, which are not the test's. Of equally
 * good ones the strongest penalty is taken.
 *
 * @throws ShapeError `shape/classification` for validation labels that do not fit, and errors as {@link linearProbe}.
 * @throws DataError `metrics/no-samples` without values to try.
 */
export function chooseStrength(input: ChooseStrengthInput): ChosenStrength {
  const { train, validation, inverseStrengths = [1e-3, 1e-2, 1e-1, 1, 10, 100, 1000], ...options } = input
  const tried = [...inverseStrengths]
    .sort((a, b) => a - b)
    .map((inverseStrength) => {
      const probe = linearProbe({ ...train, ...options, inverseStrength })
      const scores = probeScores(probe, validation.features)
      const { accuracy } = classification({ scores, classes: input.classes, labels: validation.labels })
      return { inverseStrength, accuracy, probe, converged: probe.converged }
    })
  const [first, ...others] = tried
  if (first === undefined)
    throw new DataError('metrics/no-samples', 'there is no inverse strength to try: name at least one')
  const best = others.reduce((best, other) => (other.accuracy > best.accuracy ? other : best), first)
  return {
    inverseStrength: best.inverseStrength,
    accuracy: best.accuracy,
    probe: best.probe,
    tried: tried.map(({ inverseStrength, accuracy, converged }) => ({
      inverseStrength,
      accuracy,
      converged,
    })),
  }
}
