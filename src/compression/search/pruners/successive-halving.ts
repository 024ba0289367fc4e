import type { Trial } from '../trial.ts'
import { isAmongBest, type Pruner, qualityAt, type Rungs, rivalsAt, rungsOf, rungsReached } from './pruner.ts'

/** Rungs of a cohort, and the epochs of a trial that passes all of them. */
export interface HalvingOptions extends Partial<Rungs> {
  /** Trials that compete with each other. */
  readonly cohort: number
}

/**
 * Successive halving (Jamieson & Talwalkar 2016): `cohort` trials are trained up to a rung and wait there for each other;
 * the best 1/factor go on to the next. Trials that fail leave their cohort. It decides better than `asha` and lets
 * workers wait; the result does not depend on the order in which trials come to a rung.
 * @param options `factor` default 4. @throws ConfigError of {@link rungsOf}.
 */
export function successiveHalving({ cohort, ...options }: HalvingOptions): Pruner {
  const rungs = rungsOf(options)
  return (standing) => {
    const { trial, trials, objectives, draws } = standing
    const drawn = trials.filter(({ origin, state }) => origin === 'sampler' && state !== 'refused')
    const group = Math.floor(drawn.findIndex(({ number }) => number === trial.number) / cohort)
    const members = drawn.slice(group * cohort, (group + 1) * cohort)
    const size = Math.min(cohort, (draws ?? Number.POSITIVE_INFINITY) - group * cohort)
    for (const rung of rungsReached(standing, rungs)) {
      const rivals = rivalsAt(members, rung, rungs, trials)
      if (!rivals.some((rival) => rival.trial.number === trial.number)) return 'stop'
      const isAwaited = (rival: Trial) =>
        isOnItsWay(rival) && qualityAt(rival, rung, rungs, trials) === undefined
      if (members.some(isAwaited) || members.length < size) return 'wait'
      const count = Math.max(1, Math.floor(size / rungs.factor ** (rung + 1)))
      if (!isAmongBest(trial, rivals, count, objectives)) return 'stop'
    }
    return 'go on'
  }
}

const isOnItsWay = ({ state }: Trial): boolean => state === 'running' || state === 'waiting'
