import { ConfigError } from '../../../core/index.ts'
import { bestFirst, type Losses } from '../front.ts'
import { lossesOf, type Objective, type Trial } from '../trial.ts'

/** Decision over a trial at a validation. `wait`: paused until others have come as far. */
export type Verdict = 'go on' | 'stop' | 'wait'

/** Knowledge of a pruner at the last validation of a trial. */
export interface Standing {
  readonly trial: Trial
  /** All trials, this one too, by number. */
  readonly trials: readonly Trial[]
  readonly objectives: readonly Objective[]
  /** Number of draws of the whole study; undefined while more may come. */
  readonly draws?: number | undefined
}

/** Verdict over a trial. A function of the standing and nothing else. The recipe's own trial is never asked about. */
export type Pruner = (standing: Standing) => Verdict

/** Rungs of successive halving: validations at `least`, `least · factor`, `least · factor²` … epochs. */
export interface Rungs {
  /** Epochs of the first rung. Default: those of the study's first validation. */
  readonly least?: number
  /** One in so many trials goes on from a rung. */
  readonly factor: number
}

/**
 * Rungs by their options, with the default factor of 4.
 * @throws ConfigError `study/options` for a factor below 2, with which rungs would not grow apart, or a first rung at 0.
 */
export function rungsOf({ least, factor = 4 }: Partial<Rungs>): Rungs {
  if (factor >= 2 && (least ?? 1) > 0) return { factor, ...(least !== undefined && { least }) }
  const message = `one in ${factor} from ${least ?? 'the first validation'}: a pruner keeps one in 2 or more, from above 0 epochs`
  throw new ConfigError('study/options', message, { factor, least })
}

/** Slack of a rung: whole steps seldom make whole epochs. */
const slack = 1.02

/** Numbers of the rungs that the last validation of a trial has reached and the one before had not. */
export function rungsReached({ trial, trials }: Standing, { least, factor }: Rungs): number[] {
  const [before, last] = [trial.reports.at(-2)?.resource ?? 0, trial.reports.at(-1)?.resource ?? 0]
  const first = least ?? firstResource(trials)
  const reached: number[] = []
  for (let rung = 0; first * factor ** rung <= last * slack; rung++)
    if (first * factor ** rung > before * slack) reached.push(rung)
  return reached
}

/** Epochs of the first validation of a study. */
const firstResource = (trials: readonly Trial[]): number =>
  trials.reduce(
    (least, { reports: [first] }) => (first ? Math.min(least, first.resource) : least),
    Number.POSITIVE_INFINITY,
  )

/** Quality of a trial where it came to a rung; undefined for one that has not. */
export function qualityAt(trial: Trial, rung: number, { least, factor }: Rungs, trials: readonly Trial[]) {
  const resource = (least ?? firstResource(trials)) * factor ** rung
  return trial.reports.find((report) => report.resource * slack >= resource)?.value
}

/** A trial that came to a rung, with its quality there. */
export interface Rival {
  readonly trial: Trial
  readonly quality: number
}

/** Trials among some that came to a rung with a number. @param all All trials of the study. */
export const rivalsAt = (
  some: readonly Trial[],
  rung: number,
  rungs: Rungs,
  all: readonly Trial[],
): Rival[] =>
  some.flatMap((trial) => {
    const quality = qualityAt(trial, rung, rungs, all)
    return quality === undefined || Number.isNaN(quality) ? [] : [{ trial, quality }]
  })

/**
 * Tell whether a trial is among the best `count` of those who came to a rung; equal ones are as good as each other. With
 * several objectives by nondomination rank and hypervolume (as Schmucker et al. 2021), where all are measured by then;
 * else by quality alone.
 */
export function isAmongBest(
  trial: Trial,
  rivals: readonly Rival[],
  count: number,
  objectives: readonly Objective[],
): boolean {
  const ofAll = rivals.map((rival) => lossesOf(rival.trial, objectives, rival.quality))
  const points = ofAll.every((losses) => losses !== undefined)
    ? (ofAll as Losses[])
    : rivals.map(({ quality }) => [objectives[0]!.direction === 'max' ? -quality : quality])
  const own = points[rivals.findIndex((rival) => rival.trial.number === trial.number)]!
  return bestFirst(points, count).some((i) => points[i]!.every((loss, j) => loss === own[j]))
}
