import { isAmongBest, type Pruner, qualityAt, type Rungs, rivalsAt, rungsOf, rungsReached } from './pruner.ts'

/**
 * Asynchronous successive halving (Li et al. 2020), in the form that stops instead of promoting later, which needs no
 * paused trials: at each rung a trial goes on if it is among the best 1/factor of those who have come there so far, and at
 * least the best one. It is Optuna's `SuccessiveHalvingPruner`.
 * @param options `factor` is the paper's η, default 4. @throws ConfigError of {@link rungsOf}.
 */
export function asha(options: Partial<Rungs> = {}): Pruner {
  const rungs = rungsOf(options)
  return (standing) => {
    const { trial, trials, objectives } = standing
    const passes = rungsReached(standing, rungs).every((rung) => {
      const quality = qualityAt(trial, rung, rungs, trials)!
      if (Number.isNaN(quality)) return false
      const rivals = rivalsAt(trials, rung, rungs, trials)
      const count = Math.max(1, Math.floor(rivals.length / rungs.factor))
      return isAmongBest(trial, rivals, count, objectives)
    })
    return passes ? 'go on' : 'stop'
  }
}
