import { isAmongBest, type Pruner, qualityAt, type Rungs, rungsReached } from './pruner.ts'

/**
 * Asynchronous successive halving (Li et al. 2020), in the form that stops instead of promoting later, which needs no
 * paused trials: at each rung a trial goes on if it is among the best 1/factor of those who have come there so far, and at
 * least the best one. It is Optuna's `SuccessiveHalvingPruner`.
 * @param rungs `factor` is the paper's η, default 4.
 */
export const asha =
  ({ factor = 4, ...rest }: Partial<Rungs> = {}): Pruner =>
  (standing) => {
    const rungs = { factor, ...rest }
    const { trial, trials, objectives } = standing
    const passes = rungsReached(standing, rungs).every((rung) => {
      const quality = qualityAt(trial, rung, rungs, trials)!
      if (Number.isNaN(quality)) return false
      const rivals = trials.flatMap((rival) => {
        const quality = qualityAt(rival, rung, rungs, trials)
        return quality === undefined || Number.isNaN(quality) ? [] : [{ trial: rival, quality }]
      })
      return isAmongBest(trial, rivals, Math.max(1, Math.floor(rivals.length / factor)), objectives)
    })
    return passes ? 'go on' : 'stop'
  }
