import { classification } from '../../../metrics/index.ts'
import type { Compared } from './head-kind.ts'

/**
 * Fraction of samples whose likeliest class is predicted right. The truth may be a distribution; its likeliest class
 * counts.
 */
export function classAccuracy({ predictions, targets }: Compared, classes: number): number {
  const labels = Array.from({ length: targets.length / classes }, (_, row) => {
    const truth = targets.subarray(row * classes, (row + 1) * classes)
    return truth.indexOf(Math.max(...truth))
  })
  return classification({ scores: predictions, classes, labels }).accuracy
}
