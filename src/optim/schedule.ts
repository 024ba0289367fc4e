import { count, countFromOne, fraction, resolveOptions } from './options.ts'

/** Length of a run, for schedules that end with it. */
export interface RunLength {
  readonly totalSteps: number
  readonly stepsPerEpoch: number
}

/** Change of the learning rate over a run. */
export interface Schedule {
  /** Name of the function that made it: with `options` it describes the schedule in `recipe.json`. */
  readonly kind: string
  readonly options: Readonly<Record<string, number>>
  /** Factor of the base learning rate at `step`, which counts from 1. In [0, 1]. */
  factorAt(step: number, run: RunLength): number
}

export interface WarmUpOptions {
  /** Steps of linear warm-up, ≥ 0: step s has factor s/steps. Default 0. */
  readonly warmupSteps?: number
  /** Warm-up in epochs, ≥ 0, added to `warmupSteps`. Default 0. */
  readonly warmupEpochs?: number
}

export interface DecayOptions extends WarmUpOptions {
  /** Lowest factor after the warm-up, in [0, 1]. Default 0. */
  readonly floor?: number
}

export interface CosineWarmRestartsOptions extends DecayOptions {
  /** Steps of the first period, ≥ 1; beside `firstPeriodEpochs` ≥ 0. Default 1000, beside `firstPeriodEpochs` 0. */
  readonly firstPeriod?: number
  /** The first period in epochs, ≥ 0, added to `firstPeriod`. Default 0. */
  readonly firstPeriodEpochs?: number
  /** Ratio of each period's length to the one before, a whole number ≥ 1. Default 2. */
  readonly periodFactor?: number
}

const warmUpTable = { warmupSteps: [0, count], warmupEpochs: [0, count] } as const
const decayTable = { ...warmUpTable, floor: [0, fraction] } as const

/** Factor 1 after the warm-up. */
export function constant(given: WarmUpOptions = {}): Schedule {
  const options = resolveOptions('constant', given, warmUpTable)
  return afterWarmUp('constant', options, () => 1)
}

/** A straight line from 1 down to `floor`, from the warm-up to the end of the run. */
export function linear(given: DecayOptions = {}): Schedule {
  const options = resolveOptions('linear', given, decayTable)
  return afterWarmUp('linear', options, (elapsed, remaining) =>
    aboveFloor(options.floor, 1 - progress(elapsed, remaining)),
  )
}

/**
 * Half a cosine from 1 down to `floor`, after the warm-up (Loshchilov & Hutter 2017, without restarts):
 *
 *     floor + (1 − floor)·(1 + cos(π·p))/2,   p = steps since the warm-up / steps that it left
 */
export function cosine(given: DecayOptions = {}): Schedule {
  const options = resolveOptions('cosine', given, decayTable)
  return afterWarmUp('cosine', options, (elapsed, remaining) =>
    aboveFloor(options.floor, halfCosine(progress(elapsed, remaining))),
  )
}

/**
 * Cosine with warm restarts (Loshchilov & Hutter 2017), as `torch.optim.lr_scheduler.
 * CosineAnnealingWarmRestarts`: {@link cosine} over periods of n, n·f, n·f², … steps, each beginning at 1.
 */
export function cosineWarmRestarts(given: CosineWarmRestartsOptions = {}): Schedule {
  const options = resolveOptions('cosineWarmRestarts', given, {
    ...decayTable,
    firstPeriod: given.firstPeriodEpochs ? [0, count] : [1000, countFromOne],
    firstPeriodEpochs: [0, count],
    periodFactor: [2, countFromOne],
  })
  const { floor, firstPeriod, firstPeriodEpochs, periodFactor } = options
  return afterWarmUp('cosineWarmRestarts', options, (elapsed, _, stepsPerEpoch) => {
    let period = firstPeriod + firstPeriodEpochs * stepsPerEpoch
    let since = elapsed
    while (since >= period) {
      since -= period
      period *= periodFactor
    }
    return aboveFloor(floor, halfCosine(since / period))
  })
}

/**
 * A schedule of warm-up and `decay`, which gets the steps since the warm-up and the steps from it to the end.
 * Both the last step of the warm-up and the first after it have factor 1, and the last step of a run stays one
 * short of the floor, so that with floor 0 no step is wasted (as in open_clip).
 */
function afterWarmUp(
  kind: string,
  options: Required<WarmUpOptions> & Readonly<Record<string, number>>,
  decay: (elapsed: number, remaining: number, stepsPerEpoch: number) => number,
): Schedule {
  return {
    kind,
    options,
    factorAt(step, { totalSteps, stepsPerEpoch }) {
      const warmup = options.warmupSteps + options.warmupEpochs * stepsPerEpoch
      if (step <= warmup) return step / warmup
      return decay(step - 1 - warmup, totalSteps - warmup, stepsPerEpoch)
    },
  }
}

/** Fraction of the decay that is done, 0 to 1; 1 past the end of the run. */
const progress = (elapsed: number, remaining: number): number =>
  elapsed >= remaining ? 1 : elapsed / remaining

/** Half a cosine from 1 down to 0, for a fraction `part` from 0 to 1. */
const halfCosine = (part: number): number => (1 + Math.cos(Math.PI * part)) / 2

const aboveFloor = (floor: number, part: number): number => floor + (1 - floor) * part
