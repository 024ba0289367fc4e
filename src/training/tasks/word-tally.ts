import { type Batch, splitRows } from '../../core/index.ts'
import { bootstrapStatistic } from '../../metrics/index.ts'
import type { MaskedValues } from '../../models/index.ts'
import type { WordCounts } from './caption-metrics.ts'
import type { Masks } from './draw-masks.ts'

/** Seed of the intervals: the same answers have the same one. */
const seed = 0

/** Accuracy of a model about masked words. */
export interface WordMetrics {
  /** Fraction of the masked words that are the most probable one. */
  readonly accuracy: number
  /** Mean of −log of the probability of the right word. */
  readonly loss: number
  readonly [name: string]: number
}

/** Counts of the masked words of a text, told with its image and without. */
export interface TextCounts {
  readonly withImage: WordCounts
  readonly withoutImage: WordCounts
}

/**
 * Gain of masked words by their image: differences of the same words told with it and without it, above 0 where it helps,
 * with the ends of their 95 % intervals. Words of one sample are drawn together (bootstrap of samples).
 */
export interface ImageGain {
  /** Accuracy with the image − accuracy without. */
  readonly accuracy: number
  readonly lowestAccuracy: number
  readonly highestAccuracy: number
  /** Loss without the image − loss with. */
  readonly loss: number
  readonly lowestLoss: number
  readonly highestLoss: number
  readonly [name: string]: number
}

/** Count of masked words and of what was said about them, sample by sample. */
export class WordTally {
  readonly texts = new Map<string, WordCounts>()

  /** Add answers of a model. @returns Counts of each text of the batch. */
  add(
    { ids, arrays }: Batch,
    { maskedTokens }: Masks,
    { words, logProbabilities }: MaskedValues,
  ): WordCounts[] {
    const [count, most] = maskedTokens.shape as readonly [number, number]
    const rows = splitRows(arrays.inputIds!.data as BigInt64Array, count)
    const counts = ids.map(() => ({ words: 0, right: 0, loss: 0 }))
    for (const [i, place] of maskedTokens.data.entries()) {
      if (place < 0n) continue
      const row = Math.floor(i / most)
      const own = counts[row]!
      own.words += 1
      own.loss -= logProbabilities[i]!
      if (rows[row]![Number(place)] === words[i]) own.right += 1
    }
    for (const [row, own] of counts.entries())
      this.texts.set(ids[row]!, added(this.texts.get(ids[row]!), own))
    return counts
  }

  /** Number of masked words. */
  get words(): number {
    return sumOf(this.texts.values(), ({ words }) => words)
  }

  /** Accuracy and loss; both 0 without a word. */
  get metrics(): WordMetrics {
    const count = Math.max(1, this.words)
    return {
      accuracy: sumOf(this.texts.values(), ({ right }) => right) / count,
      loss: sumOf(this.texts.values(), ({ loss }) => loss) / count,
    }
  }
}

/** Gain by the image, from answers to the same words with it and without. There must be a word. */
export function imageGain(withImage: WordTally, withoutImage: WordTally): ImageGain {
  const pairs = [...withImage.texts].map(([id, counts]) => [counts, withoutImage.texts.get(id)!] as const)
  const told = pairs.filter(([{ words }]) => words > 0)
  const gainOf = (difference: (one: WordCounts, alone: WordCounts) => number) => {
    const sums = told.map(([one, alone]) => difference(one, alone))
    const ratio = (rows: Int32Array) => {
      let [sum, words] = [0, 0]
      for (const row of rows) {
        sum += sums[row]!
        words += told[row]![0].words
      }
      return sum / words
    }
    return bootstrapStatistic(told.length, ratio, { seed })
  }
  const right = gainOf((one, alone) => one.right - alone.right)
  const loss = gainOf((one, alone) => alone.loss - one.loss)
  return {
    accuracy: right.value,
    lowestAccuracy: right.interval[0],
    highestAccuracy: right.interval[1],
    loss: loss.value,
    lowestLoss: loss.interval[0],
    highestLoss: loss.interval[1],
  }
}

const added = (known: WordCounts | undefined, { words, right, loss }: WordCounts): WordCounts => ({
  words: (known?.words ?? 0) + words,
  right: (known?.right ?? 0) + right,
  loss: (known?.loss ?? 0) + loss,
})

function sumOf(counts: Iterable<WordCounts>, numberOf: (counts: WordCounts) => number): number {
  let sum = 0
  for (const each of counts) sum += numberOf(each)
  return sum
}
