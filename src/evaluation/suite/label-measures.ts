import {
  type ClassificationMetrics,
  classification,
  expectedCalibrationError,
  type ImageDetections,
  meanAveragePrecision,
  regression,
  softmaxRows,
} from '../../metrics/index.ts'
import type { LabelAnswers } from './head-answers.ts'
import type { Measured } from './measured.ts'

/** Further numbers of a head by the kind of its labels. */
export interface LabelMeasures {
  readonly metrics: Readonly<Record<string, Measured>>
  readonly details?: Readonly<Record<string, unknown>>
}

type Measure = (
  answers: LabelAnswers,
  all: readonly LabelAnswers[],
  side: number,
  note: (text: string) => void,
) => LabelMeasures

const values: Measure = ({ ids, predictions, targets }) => {
  const found = regression({ predictions, targets, outputs: targets.length / ids.length })
  const { coefficientOfDetermination, ...errors } = found
  return {
    metrics: {
      ...Object.fromEntries(
        Object.entries(errors).map(
          ([name, value]) => [name, { value, better: 'min', count: ids.length }] as const,
        ),
      ),
      coefficientOfDetermination: { value: coefficientOfDetermination, better: 'max', count: ids.length },
    },
  }
}

/** Table of measures by the kind of a label; a pose's are those of its head. */
const measures: Partial<Readonly<Record<LabelAnswers['label']['kind'], Measure>>> = {
  class: classMeasures,
  box: boxMeasures,
  position: values,
  joints: values,
  number: values,
}

/**
 * Numbers of a head beside its own metrics, over the samples that have each label: of a class precision, recall and F1
 * (weighted), the expected calibration error and the confusion matrix; of a box the mean average precision by COCO's rules; of
 * values, positions and joints the errors of regression in their units.
 * @param side Side of the model's images in pixels, for COCO's areas.
 * @param note Receiver of what is left out.
 */
export function labelMeasures(
  answers: readonly LabelAnswers[],
  side: number,
  note: (text: string) => void,
): LabelMeasures {
  const found = answers.flatMap((each) => measures[each.label.kind]?.(each, answers, side, note) ?? [])
  return {
    metrics: Object.assign({}, ...found.map(({ metrics }) => metrics)),
    details: Object.assign({}, ...found.map(({ details = {} }) => details)),
  }
}

function classMeasures({ ids, predictions, targets }: LabelAnswers): LabelMeasures {
  const classes = targets.length / ids.length
  const labels = ids.map((_, row) => likeliest(targets, row, classes))
  const { precision, recall, f1, confusion, perClass }: ClassificationMetrics = classification({
    ...{ scores: predictions, classes, labels },
  })
  const probabilities = softmaxRows(predictions, classes)
  const calibrationError = expectedCalibrationError({ probabilities, classes, labels })
  const count = ids.length
  const best = (value: number): Measured => ({ value, better: 'max', count })
  return {
    metrics: {
      ...{ precision: best(precision), recall: best(recall), f1: best(f1) },
      calibrationError: { value: calibrationError, better: 'min', count },
    },
    details: { confusion, perClass },
  }
}

/** One box is predicted for each command, whose confidence is that of its class, or 1 without classes. */
function boxMeasures(...[boxes, all, side, note]: Parameters<Measure>): LabelMeasures {
  const classes = all.find(({ label }) => label.kind === 'class')
  const classRows = new Map(classes?.ids.map((id, row) => [id, row]))
  const width = classes ? classes.targets.length / classes.ids.length : 1
  const scores = classes && softmaxRows(classes.predictions, width)
  const images = boxes.ids.flatMap((id, row): ImageDetections[] => {
    const place = classRows.get(id)
    if (classes && place === undefined) return []
    const pixels = (values: Float32Array) =>
      [...values.subarray(4 * row, 4 * row + 4)].map((part) => side * part) as never
    const found = scores ? likeliest(scores, place!, width) : 0
    return [
      {
        predictions: [
          {
            box: pixels(boxes.predictions),
            score: scores ? scores[place! * width + found]! : 1,
            label: found,
          },
        ],
        truths: [
          { box: pixels(boxes.targets), label: classes ? likeliest(classes.targets, place!, width) : 0 },
        ],
      },
    ]
  })
  const left = boxes.ids.length - images.length
  if (left > 0)
    note(`${left} of ${boxes.ids.length} boxes have no class and are left out of the mean average precision`)
  if (images.length === 0) return { metrics: {} }
  const { map, map50, byClass } = meanAveragePrecision(images)
  const count = images.length
  return {
    metrics: {
      meanAveragePrecision: { value: map, better: 'max', count },
      meanAveragePrecision50: { value: map50, better: 'max', count },
    },
    details: { averagePrecision: byClass },
  }
}

/** Place of the largest value of a row; the first where none is a number. */
function likeliest(values: Float32Array, row: number, width: number): number {
  let best = 0
  for (let i = 1; i < width; i++) {
    const [value, most] = [values[row * width + i]!, values[row * width + best]!]
    if (value > most || (Number.isNaN(most) && !Number.isNaN(value))) best = i
  }
  return best
}
