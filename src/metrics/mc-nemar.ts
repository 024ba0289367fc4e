import { checkPairs } from './bootstrap.ts'

/** Samples on which two models disagree, and how likely such a split is if they are equally good. */
export interface McNemar {
  /** Samples that only the first model has right. */
  readonly onlyFirst: number
  readonly onlySecond: number
  /** Two-sided p, in (0, 1]; 1 when the models never disagree. It may round to 0. */
  readonly p: number
}

/**
 * McNemar's exact test of two models on the same samples: whether one is right more often where they disagree. With
 * n = onlyFirst + onlySecond and m the smaller of both,
 *
 *     p = min(1, 2 · Σ over k ≤ m of C(n, k) / 2ⁿ)
 *
 * which is SciPy's `binomtest(onlyFirst, n).pvalue`.
 *
 * Source: McNemar, "Note on the Sampling Error of the Difference Between Correlated Proportions or Percentages" (1947).
 *
 * @param first Whether the first model has each sample right.
 * @throws ShapeError `shape/pairs` when there are not as many answers of both.
 */
export function mcNemar(first: readonly boolean[], second: readonly boolean[]): McNemar {
  checkPairs(first.length, second.length)
  const onlyFirst = first.filter((right, sample) => right && !second[sample]).length
  const onlySecond = second.filter((right, sample) => right && !first[sample]).length
  return { onlyFirst, onlySecond, p: binomialTest(onlyFirst, onlySecond) }
}

function binomialTest(a: number, b: number): number {
  const [n, smaller] = [a + b, Math.min(a, b)]
  let logarithm = -n * Math.LN2 // of C(n, smaller) / 2ⁿ
  for (let k = 1; k <= smaller; k++) logarithm += Math.log((n - k + 1) / k)
  let sum = 0
  for (let [k, term] = [smaller, 1]; k >= 0; k--) {
    sum += term
    term *= k / (n - k + 1) // C(n, k − 1) / C(n, k)
  }
  return Math.min(1, 2 * sum * Math.exp(logarithm))
}
