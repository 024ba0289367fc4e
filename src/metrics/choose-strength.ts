import { DataError } from '../core/index.ts'
import { classification } from './classification.ts'
import {
  type LabelledFeatures,
  type LinearProbe,
  type LinearProbeOptions,
  linearProbe,
  probeScores,
} from './linear-probe.ts'

export interface ChooseStrengthOptions extends Omit<LinearProbeOptions, 'inverseStrength'> {
  /** Values of C to try. Default 10⁻³, 10⁻² … 10³. */
  readonly inverseStrengths?: readonly number[]
}

/** The best probe on validation data, and what was tried. */
export interface ChosenStrength {
  readonly inverseStrength: number
  /** Fraction of the validation samples that the probe has right, in [0, 1]. */
  readonly accuracy: number
  readonly probe: LinearProbe
  /** From the strongest penalty to the weakest. */
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
export function chooseStrength(
  train: LabelledFeatures,
  validation: LabelledFeatures,
  width: number,
  classes: number,
  options: ChooseStrengthOptions = {},
): ChosenStrength {
  const { inverseStrengths = [1e-3, 1e-2, 1e-1, 1, 10, 100, 1000], ...probeOptions } = options
  const tried = [...inverseStrengths]
    .sort((a, b) => a - b)
    .map((inverseStrength) => {
      const probe = linearProbe(train, width, classes, { ...probeOptions, inverseStrength })
      const scores = probeScores(probe, validation.features)
      const { accuracy } = classification({ scores, classes, labels: validation.labels })
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
