import { TrainingError } from '../core/index.ts'

/** The state of dynamic loss scaling: plain data, so that a checkpoint can hold it. */
export interface LossScale {
  /** Factor of the loss before the backward pass, and divisor of the gradients after it. */
  readonly scale: number
  /** Steps since the scale last changed. */
  readonly goodSteps: number
  /** Steps of the whole run that overflowed and were skipped. */
  readonly skippedSteps: number
}

const growthFactor = 2
const growthInterval = 2000
const backoffFactor = 0.5
/** The largest power of two whose reciprocal float32 still holds at full precision. */
const largestScale = 2 ** 126

/** The scale at the beginning of a run, as in `torch.amp.GradScaler`. */
export const initialLossScale: LossScale = { scale: 65_536, goodSteps: 0, skippedSteps: 0 }

/**
 * Dynamic loss scaling (Micikevicius et al. 2018), with the constants of `torch.amp.GradScaler`: half-precision
 * gradients must neither vanish nor overflow, so the scale doubles after 2000 good steps in a row, and halves
 * when a gradient is infinite or NaN. A step that overflowed must be skipped: no update, no change of moments.
 *
 * @param overflowed True when a gradient of this step was infinite or NaN.
 * @throws TrainingError `optim/loss-scale` when gradients overflow at scale 1: no scale will help then.
 */
export function nextLossScale(state: LossScale, overflowed: boolean): LossScale {
  const { scale, goodSteps, skippedSteps } = state
  if (overflowed) {
    if (scale <= 1) {
      throw new TrainingError(
        'optim/loss-scale',
        `gradients overflow even at loss scale ${scale}; lower the learning rate or train in float32`,
        { scale },
      )
    }
    return { scale: scale * backoffFactor, goodSteps: 0, skippedSteps: skippedSteps + 1 }
  }
  if (goodSteps + 1 < growthInterval) return { ...state, goodSteps: goodSteps + 1 }
  return { ...state, scale: Math.min(scale * growthFactor, largestScale), goodSteps: 0 }
}
