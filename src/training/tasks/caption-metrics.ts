import { type Batch, DataError, splitRows } from '../../core/index.ts'
import type { CaptionScorer } from '../../models/index.ts'

/** Accuracy of a model about the words of captions. */
export interface CaptionMetrics {
  /** Fraction of the words, ends included, that are the most probable one. */
  readonly wordAccuracy: number
  /** exp of the mean of −log p: the number of words between which the model wavers. */
  readonly perplexity: number
  /** Number of words that were asked for, ends included. */
  readonly words: number
  readonly [name: string]: number
}

/** Words that were asked for, how many of them were right, and the sum of their −log p. */
export interface WordCounts {
  readonly words: number
  readonly right: number
  readonly loss: number
}

/**
 * Accuracy and perplexity over all words of a data set's captions, each behind the right words before it.
 * @param endId Id that ends a text: what follows it is padding.
 * @param onText Receiver of the counts of each text.
 * @throws DataError `data/empty` for data without samples.
 */
export async function captionMetrics(
  scorer: CaptionScorer,
  endId: number,
  batches: AsyncIterable<Batch>,
  onText: (id: string, counts: WordCounts) => void = () => {},
): Promise<CaptionMetrics> {
  const all = { words: 0, right: 0, loss: 0 }
  for await (const { ids, arrays } of batches) {
    const scores = await scorer.score(arrays.pixelValues!, arrays.inputIds!)
    const best = splitRows(scores.words, ids.length)
    const logProbabilities = splitRows(scores.logProbabilities, ids.length)
    for (const [row, text] of splitRows(arrays.inputIds!.data as BigInt64Array, ids.length).entries()) {
      const end = text.indexOf(BigInt(endId))
      const asked = end === -1 ? text.length - 1 : end
      const own = { words: asked, right: 0, loss: 0 }
      for (let place = 0; place < asked; place++) {
        own.loss -= logProbabilities[row]![place]!
        if (best[row]![place] === text[place + 1]) own.right += 1
      }
      all.words += own.words
      all.right += own.right
      all.loss += own.loss
      onText(ids[row]!, own)
    }
  }
  const { words, right, loss } = all
  if (words === 0) throw new DataError('data/empty', 'nothing can be measured: the data has no samples')
  return { wordAccuracy: right / words, perplexity: Math.exp(loss / words), words }
}
