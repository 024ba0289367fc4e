/** A point of losses: smaller is better in each. */
export type Losses = readonly number[]

/** Tell whether `a` is at least as good as `b` in everything and better in something. */
export const dominates = (a: Losses, b: Losses): boolean =>
  a.every((loss, i) => loss <= b[i]!) && a.some((loss, i) => loss < b[i]!)

/** Indices of the points that no other dominates: the Pareto front. */
export const frontOf = (points: readonly Losses[]): number[] =>
  points.flatMap((point, i) => (points.some((other) => dominates(other, point)) ? [] : [i]))

/** Rank of each point: 0 on the front, 1 on the front of the rest, and so on (Goldberg's nondomination rank). */
export function ranksOf(points: readonly Losses[]): number[] {
  const ranks = points.map(() => -1)
  for (let rank = 0; ranks.includes(-1); rank++) {
    const left = ranks.flatMap((known, i) => (known < 0 ? [i] : []))
    for (const i of frontOf(left.map((i) => points[i]!))) ranks[left[i]!] = rank
  }
  return ranks
}

/**
 * Volume that points dominate below a reference point: their hypervolume, exact, by slices along the first loss.
 * Points that are not below the reference in everything add nothing.
 */
export function hypervolume(points: readonly Losses[], reference: Losses): number {
  const inside = points.filter((point) => point.every((loss, i) => loss < reference[i]!))
  if (inside.length === 0) return 0
  if (reference.length === 1)
    return reference[0]! - inside.reduce((least, [loss]) => Math.min(least, loss!), reference[0]!)
  const sorted = inside.toSorted((a, b) => a[0]! - b[0]!)
  return sorted.reduce((sum, [from], i) => {
    const to = sorted[i + 1]?.[0] ?? reference[0]!
    if (to === from) return sum
    const slice = sorted.slice(0, i + 1).map((point) => point.slice(1))
    return sum + (to - from!) * hypervolume(slice, reference.slice(1))
  }, 0)
}

/** A point a tenth beyond the worst loss of each kind, as Optuna takes it. */
export const referenceOf = (points: readonly Losses[]): number[] =>
  points[0]!.map((_, i) => {
    const worst = points.reduce((most, point) => Math.max(most, point[i]!), Number.NEGATIVE_INFINITY)
    return Math.max(1.1 * worst, 0.9 * worst) || 1e-12
  })

/**
 * Indices of points, best first: by rank, and within a rank greedily by the hypervolume that each adds (Guerreiro et al.
 * 2016). With one loss simply the smallest first; equal ones in their order.
 * @param count How many are wanted. Default: all.
 */
export function bestFirst(points: readonly Losses[], count = points.length): number[] {
  const indices = points.map((_, i) => i)
  if ((points[0]?.length ?? 1) === 1)
    return indices.sort((a, b) => points[a]![0]! - points[b]![0]! || a - b).slice(0, count)
  const ranks = ranksOf(points)
  const levels = [...new Set(ranks)].sort((a, b) => a - b)
  const best: number[] = []
  for (const rank of levels) {
    const level = indices.filter((i) => ranks[i] === rank)
    best.push(...byHypervolume(level, points, Math.min(level.length, count - best.length)))
    if (best.length === count) break
  }
  return best
}

function byHypervolume(level: readonly number[], points: readonly Losses[], count: number): number[] {
  const reference = referenceOf(level.map((i) => points[i]!))
  const chosen: number[] = []
  const left = [...level]
  while (chosen.length < count) {
    const volumes = left.map((i) =>
      hypervolume(
        [...chosen, i].map((j) => points[j]!),
        reference,
      ),
    )
    const best = volumes.indexOf(Math.max(...volumes))
    chosen.push(...left.splice(best, 1))
  }
  return chosen
}
