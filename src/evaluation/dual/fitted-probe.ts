import { DataError, random } from '../../core/index.ts'
import {
  type ChosenStrength,
  chooseStrength,
  type LabelledFeatures,
  linearProbe,
} from '../../metrics/index.ts'
import { gatheredRows } from './feature-rows.ts'
import type { LabelledData } from './labelled-data.ts'

/** A probe, and how its strength was chosen. */
export interface FittedProbe extends ChosenStrength {
  /** Samples that it learned from at last, and samples by which its strength was chosen. */
  readonly samples: { readonly train: number; readonly validation: number }
}

/** Part of the training samples of each class that chooses the strength where there is no validation data. */
const validationShare = 0.2

/**
 * Fit a linear probe whose strength is chosen on validation data, or without them on a fifth of each class of the training data,
 * drawn by the seed; then it is fitted once more to all training data with that strength. The data that it is judged on are not
 * seen.
 * @throws DataError `evaluation/too-few-samples` when no sample is there to choose the strength by; of `linearProbe` for one class.
 */
export function fittedProbe(
  train: LabelledData,
  validation: LabelledData | undefined,
  seed: number,
): FittedProbe {
  const { width } = train.data.features
  const classes = train.names.length
  if (validation) {
    requireSamples(validation.labels, `${validation.data.name} has no sample of the classes that are learned`)
    const chosen = chooseStrength({ train: partOf(train), validation: partOf(validation), width, classes })
    return { ...chosen, samples: { train: train.labels.length, validation: validation.labels.length } }
  }
  const held = heldOut(train.labels, seed)
  requireSamples(
    held,
    `no class of ${train.data.name} has two samples, one to learn from and one to choose by`,
  )
  const isHeld = new Set(held)
  const fitted = [...train.labels.keys()].filter((i) => !isHeld.has(i))
  const chosen = chooseStrength({
    train: partOf(train, fitted),
    validation: partOf(train, held),
    width,
    classes,
  })
  const probe = linearProbe({ ...partOf(train), width, classes, inverseStrength: chosen.inverseStrength })
  return { ...chosen, probe, samples: { train: train.labels.length, validation: held.length } }
}

function requireSamples(rows: readonly number[], problem: string): void {
  if (rows.length > 0) return
  const message = `the strength of a linear probe cannot be chosen: ${problem}. Give validation data with these classes, or more samples`
  throw new DataError('evaluation/too-few-samples', message, {})
}

function partOf({ images, labels, data }: LabelledData, rows?: readonly number[]): LabelledFeatures {
  if (!rows) return { features: images, labels }
  const features = gatheredRows(images, data.features.width, rows)
  return { features, labels: rows.map((row) => labels[row]!) }
}

/** A fifth of the samples of each class, at least one, but none of a class of one sample. */
function heldOut(labels: readonly number[], seed: number): number[] {
  const ofClass = new Map<number, number[]>()
  for (const [i, label] of labels.entries()) ofClass.set(label, [...(ofClass.get(label) ?? []), i])
  const stream = random(seed, 'strength of a probe')
  return [...ofClass.values()].flatMap((rows) => {
    const count = rows.length < 2 ? 0 : Math.max(1, Math.round(validationShare * rows.length))
    return stream.shuffle(rows).slice(0, count)
  })
}
