/** Importance of each unit of a set. */
export type Scores = readonly number[]

/** Units to choose from. */
export interface Choice {
  readonly scores: Scores
  /** Largest number that may go. */
  readonly most: number
}

const ascending = (scores: Scores): number[] =>
  Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]! || a - b)

/** The least important units of each set, the same share of all: indices by set. */
export const leastOfEach = (sets: readonly Choice[], ratio: number): number[][] =>
  sets.map(({ scores, most }) =>
    ascending(scores).slice(0, Math.min(most, Math.round(ratio * scores.length))),
  )

/** The least important units of all sets together: indices by set. */
export function leastOfAll(sets: readonly Choice[], ratio: number): number[][] {
  const all = sets.flatMap(({ scores }, set) => scores.map((score, index) => ({ set, index, score })))
  all.sort((a, b) => a.score - b.score || a.set - b.set || a.index - b.index)
  const removed: number[][] = sets.map(() => [])
  let open = Math.round(ratio * all.length)
  for (const { set, index } of all) {
    if (open === 0) break
    if (removed[set]!.length === sets[set]!.most) continue
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
