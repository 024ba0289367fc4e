import type { Tensor } from '../graph/index.ts'
import { belowOne, resolveOptions } from './options.ts'

export interface EmaOptions {
  /** Decay of the average, in [0, 1): it covers about 1/(1 − decay) steps. Default 0.999. */
  readonly decay?: number
}

/** A running average of the weights, which often evaluates better than the last weights (Polyak 1990). */
export interface Ema {
  readonly options: Readonly<Required<EmaOptions>>
  /**
   * The decay at `step`, which counts from 1: min(decay, (1 + step)/(10 + step)). The first averages of a run
   * follow the weights closely and forget the initialization, as TensorFlow's `ExponentialMovingAverage` with
   * `num_updates`.
   */
  decayAt(step: number): number
  /**
   * average ← average·decay + value·(1 − decay).
   * @param state Vectors `average` and `value` [length], scalar `decay` [].
   * @returns `average`.
   */
  update(state: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>>
}

/** @throws ConfigError `optim/option-range`, `optim/unknown-option`. */
export function ema(given: EmaOptions = {}): Ema {
  const options = resolveOptions('ema', given, { decay: [0.999, belowOne] })
  return {
    options,
    decayAt: (step) => Math.min(options.decay, (1 + step) / (10 + step)),
    update({ average, value, decay }: Readonly<Record<'average' | 'value' | 'decay', Tensor>>) {
      return { average: average.mul(decay).add(value.mul(decay.scalar(1).sub(decay))) }
    },
  }
}
