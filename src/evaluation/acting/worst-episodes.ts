import type { Outcome, Outcomes } from '../rollout/outcome.ts'

/** Distance of an outcome from success: a refused trial is farthest, then metres or the part of a box that is missing. */
const errorOf = ({ measures, refusal }: Outcome): number => {
  if (refusal !== undefined) return Number.POSITIVE_INFINITY
  return measures.distance ?? 1 - (measures.overlap ?? 0)
}

/** Failures, the worst first: those that fail at most tasks, and of these those that are farthest from success. */
export function worstFirst<T extends { readonly outcomes: Outcomes }>(tried: readonly T[]): T[] {
  const judged = tried.map((each) => {
    const failures = Object.values(each.outcomes).filter(({ success }) => !success)
    return { each, failed: failures.length, error: Math.max(0, ...failures.map(errorOf)) }
  })
  return judged
    .filter(({ failed }) => failed > 0)
    .sort((a, b) => b.failed - a.failed || (a.error === b.error ? 0 : b.error - a.error))
    .map(({ each }) => each)
}
