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
    { title: 'Other images %', digits: 1 },
    { title: 'Loss', digits: 3 },
    { title: 'Without image', digits: 3 },
    { title: 'Patch error', digits: 3 },
  ],
  rows: Object.entries(results).map(([set, { withImage, withoutImage, otherImages, words, patchError }]) => [
    humanize(set),
    words,
    100 * withImage.accuracy,
    100 * withoutImage.accuracy,
    otherImages && 100 * otherImages.accuracy,
    withImage.loss,
    withoutImage.loss,
    patchError,
  ]),
})
