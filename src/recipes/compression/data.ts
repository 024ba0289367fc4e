import type { CompressionRecipe } from '../../compression/index.ts'
import { ConfigError } from '../../core/index.ts'
import type { SourceSpec } from '../../data/index.ts'
import type { Recipe } from '../recipe/schema.ts'

/** Data of a compression, and sentences about what was chosen. */
export interface CompressionData {
  readonly calibration: SourceSpec
  readonly evaluation: SourceSpec
  readonly notes: readonly string[]
}

/**
 * Data of a compression: as it says, else of a run its training data to calibrate with and its validation data to judge by,
 * never its tests.
 * @param recipe Recipe of the run; undefined for a folder.
 * @throws ConfigError `compression/no-data` where nothing says what to judge by.
 */
export function dataOfCompression(
  model: string,
  { calibration, evaluate }: CompressionRecipe,
  recipe: Recipe | undefined,
): CompressionData {
  const evaluation = evaluate.data ?? recipe?.validation.data
  if (evaluation === undefined) {
    const why = recipe ? 'its recipe has no validation data' : 'it is no run, whose recipe names some'
    throw new ConfigError(
      'compression/no-data',
      `what a compression costs is measured on data, and ${model} names none: ${why}. Name some with --data, or as evaluate.data`,
      { model },
    )
  }
  const known = calibration.data ?? recipe?.data
  if (known !== undefined) return { calibration: known, evaluation, notes: [] }
  return {
    calibration: evaluation,
    evaluation,
    notes: [
      'calibrated on the data that the quality is measured on, for lack of others: name some as calibration.data',
    ],
  }
}
