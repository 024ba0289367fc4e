/** Weights that are compared with each other: of all matrices, of a matrix, or of a row of a matrix. */
export const scopes = ['global', 'layer', 'row'] as const
export type Scope = (typeof scopes)[number]

/** Flags of the elements that become zero, 1 for zero. */
export type Zeros = Uint8Array

/**
 * The least important elements of each list of scores: ⌊ratio · count⌋ of all together, where some score alike those that
 * come first.
 */
export function leastOf(lists: readonly Float32Array[], ratio: number): Zeros[] {
  const all = new Float32Array(lists.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const list of lists) {
    all.set(list, offset)
    offset += list.length
  }
  const count = Math.floor(ratio * all.length)
  const threshold = count > 0 ? all.sort()[count - 1]! : Number.NEGATIVE_INFINITY
  // `all` is sorted now: what is below the threshold goes, and of what equals it as many as are left.
  let ties = count - firstAtLeast(all, threshold)
  return lists.map((list) =>
    Uint8Array.from(list, (score) => {
      if (score < threshold) return 1
      return score === threshold && ties-- > 0 ? 1 : 0
    }),
  )
}

/** Index of the first element of sorted numbers that is at least `value`. */
function firstAtLeast(sorted: Float32Array, value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}

/** The least important ⌊ratio · inputs⌋ elements of each row of a matrix [rows, inputs]. */
export function leastOfRows(scores: Float32Array, inputs: number, ratio: number): Zeros {
  const zeros = new Uint8Array(scores.length)
  for (let start = 0; start < scores.length; start += inputs)
    zeros.set(leastOf([scores.subarray(start, start + inputs)], ratio)[0]!, start)
  return zeros
}

/**
 * All but the `n` most important of every `m` neighbours along the inputs of a matrix [rows, inputs]. What is left over at
 * the end of a row whose length is no multiple of `m` stays as it is.
 */
export function leastOfGroups(
  scores: Float32Array,
  inputs: number,
  { n, m }: { readonly n: number; readonly m: number },
): Zeros {
  const zeros = new Uint8Array(scores.length)
  const places = Array.from({ length: m }, (_, place) => place)
  for (let row = 0; row < scores.length; row += inputs) {
    for (let start = row; start + m <= row + inputs; start += m) {
      const byScore = places.toSorted((a, b) => scores[start + a]! - scores[start + b]!)
      for (const place of byScore.slice(0, m - n)) zeros[start + place] = 1
    }
  }
  return zeros
}
