import type { WordCounts } from '../../training/index.ts'
import type { SampleParts } from './objective.ts'

/** Collector of counts of words by their sample, as parts of an accuracy and of a loss. */
export class WordParts {
  readonly #counts = new Map<string, { words: number; right: number; loss: number }>()

  /** Add counts to those of a sample. */
  add(id: string, { words, right, loss }: WordCounts): void {
    const known = this.#counts.get(id) ?? { words: 0, right: 0, loss: 0 }
    this.#counts.set(id, { words: known.words + words, right: known.right + right, loss: known.loss + loss })
  }

  /** Parts of the fraction of right words, or of the mean of −log p, over the samples that have words. */
  of(what: 'right' | 'loss'): SampleParts {
    const counted = [...this.#counts].filter(([, { words }]) => words > 0)
    return {
      ids: counted.map(([id]) => id),
      sums: counted.map(([, counts]) => counts[what]),
      weights: counted.map(([, { words }]) => words),
    }
  }

  /** Parts of the difference to what another collector counted of the same words. */
  less(other: WordParts, what: 'right' | 'loss'): SampleParts {
    const [own, others] = [this.of(what), other.of(what)]
    return { ...own, sums: own.sums.map((sum, i) => sum - others.sums[i]!) }
  }
}
