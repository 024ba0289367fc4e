import { differenceIntervalText, differenceText, type Metric } from './measured-number.ts'
import { humanize } from './quantity.ts'
import type { Table } from './table.ts'

/** Words that were told behind masks: a fraction, and the mean of −log p. */
interface WordResult {
  readonly accuracy: number
  readonly loss: number
}

/** Results of masked modelling on one test set. */
export interface MaskedResult {
  readonly patchError?: number
  readonly withImage: WordResult
  readonly withoutImage: WordResult
  /** Difference of both with the ends of its interval; missing where it was not measured. */
  readonly imageGain?: {
    readonly accuracy: number
    readonly lowestAccuracy: number
    readonly highestAccuracy: number
  }
  readonly otherImages?: WordResult
  readonly words: number
  readonly textsWithoutWords: number
}

/** A table with one row a test set: words with the image and without, and patches. */
export const maskedTable = (results: Readonly<Record<string, MaskedResult>>): Table => ({
  columns: [
    { title: 'Test set' },
    { title: 'Masked words' },
    { title: 'Right %', digits: 1 },
    { title: 'Without image %', digits: 1 },
    { title: 'Image brings, points' },
    { title: 'Other images %', digits: 1 },
    { title: 'Loss', digits: 3 },
    { title: 'Without image', digits: 3 },
    { title: 'Patch error', digits: 3 },
  ],
  rows: Object.entries(results).map(([set, { withImage, withoutImage, otherImages, ...result }]) => [
    humanize(set),
    result.words,
    100 * withImage.accuracy,
    100 * withoutImage.accuracy,
    gainText(result),
    otherImages && 100 * otherImages.accuracy,
    withImage.loss,
    withoutImage.loss,
    result.patchError,
  ]),
})

const points: Metric = { path: 'imageGain.accuracy', range: [-1, 1] }

/** Gain by the image in points, with its interval: `+2.8 (+1.6 to +4.0)`. */
export function gainText({ imageGain }: Pick<MaskedResult, 'imageGain'>): string | undefined {
  if (!imageGain) return undefined
  const { accuracy, lowestAccuracy, highestAccuracy } = imageGain
  const [value, interval] = [
    differenceText(points, accuracy),
    differenceIntervalText(points, [lowestAccuracy, highestAccuracy]),
  ].map((text) => text.replace(' points', ''))
  return `${value} (${interval})`
}
