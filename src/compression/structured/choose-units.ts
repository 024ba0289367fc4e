/** Importance of each unit of a set. */
export type Scores = readonly number[]

/** Number of units to remove of a count: its share, rounded, and never all. */
export const removedOf = (count: number, ratio: number): number => Math.min(count - 1, Math.round(ratio * count))

const ascending = (scores: Scores): number[] =>
  Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]! || a - b)

/** The least important units of each set, the same share of all: indices by set. */
export const leastOfEach = (sets: readonly Scores[], ratio: number): number[][] =>
  sets.map((scores) => ascending(scores).slice(0, removedOf(scores.length, ratio)))

/** The least important units of all sets together, but never all of one: indices by set. */
export function leastOfAll(sets: readonly Scores[], ratio: number): number[][] {
  const all = sets.flatMap((scores, set) => scores.map((score, index) => ({ set, index, score })))
  all.sort((a, b) => a.score - b.score || a.set - b.set || a.index - b.index)
  const removed: number[][] = sets.map(() => [])
  let open = Math.round(ratio * all.length)
  for (const { set, index } of all) {
    if (open === 0) break
    if (removed[set]!.length + 1 >= sets[set]!.length) continue
    removed[set]!.push(index)
    open--
  }
  return removed
}

/** Scores over their mean, so that sets with larger numbers compare with others. */
export function relative(scores: Scores): Scores {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
  return mean === 0 ? scores : scores.map((score) => score / mean)
}
