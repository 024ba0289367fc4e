import { ConfigError, sameShape } from '../core/index.ts'
import { misfit, type Tensor } from '../graph/index.ts'

export interface CrossEntropyOptions {
  /** Class of targets that are ignored: padding. Default −100, as in PyTorch. */
  readonly ignoreIndex?: number
  /** Share of each target that is spread evenly over all classes, in [0, 1] (Szegedy et al. 2016). Default 0. */
  readonly labelSmoothing?: number
}

/**
 * Mean over the counted targets of −log softmax(logits)[target], as torch.nn.functional.cross_entropy.
 *
 * With smoothing s: (1 − s) · −log p[target] + s · mean over classes of −log p. Finite for every finite logit.
 * Without a counted target it is 0 with zero gradient; PyTorch returns NaN, which would spoil the parameters.
 *
 * @param logits [..., classes]
 * @param targets Classes in [0, classes), int64 or int32 [...].
 * @returns A scalar.
 * @throws ShapeError `shape/crossEntropy`, ConfigError `losses/label-smoothing`.
 */
export function crossEntropy(logits: Tensor, targets: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const counted = targets.equal(options.ignoreIndex ?? ignored).not()
  const count = counted.cast(logits.dtype).sum().maximum(1)
  return crossEntropies(logits, targets, options).sum().div(count)
}

/** Class of targets that are ignored, unless another is named. */
const ignored = -100

/**
 * Loss of each target, 0 for an ignored one: for means of one's own, as over the masked words of a batch. The mean over
 * the counted targets is {@link crossEntropy}.
 *
 * @returns [...], the shape of the targets.
 * @throws as {@link crossEntropy}.
 */
export function crossEntropies(
  logits: Tensor,
  targets: Tensor,
  { ignoreIndex = ignored, labelSmoothing = 0 }: CrossEntropyOptions = {},
): Tensor {
  if (!sameShape(logits.shape.slice(0, -1), targets.shape) || logits.rank === 0) {
    throw misfit(
      'crossEntropy',
      [logits, targets],
      'targets need the shape of the logits without its last axis',
    )
  }
  checkSmoothing(labelSmoothing)
  const counted = targets.equal(ignoreIndex).not()
  const classes = counted.where(targets, 0).reshape([...targets.shape, 1])
  const logProbabilities = logits.logSoftmax()
  const chosen = logProbabilities.gatherElements(classes, -1).reshape(targets.shape)
  const perTarget = labelSmoothing
    ? chosen.mul(1 - labelSmoothing).add(logProbabilities.mean(-1).mul(labelSmoothing))
    : chosen
  return counted.where(perTarget, 0).neg()
}

/**
 * Mean of −Σ targets · log softmax(logits): cross entropy with a distribution as target, as
 * torch.nn.functional.cross_entropy with class probabilities.
 *
 * @param logits [..., classes]
 * @param targets Probabilities [..., classes]; each row sums to 1.
 * @returns A scalar.
 * @throws ShapeError `shape/crossEntropySoft`, ConfigError `losses/label-smoothing`.
 */
export const crossEntropySoft = (
  logits: Tensor,
  targets: Tensor,
  options: Pick<CrossEntropyOptions, 'labelSmoothing'> = {},
): Tensor => softCrossEntropies(logits, targets, options).mean()

/**
 * Loss of each row, for weighting samples. The mean over rows is {@link crossEntropySoft}.
 *
 * @returns [...], the shape of the logits without its last axis.
 * @throws as {@link crossEntropySoft}.
 */
export function softCrossEntropies(
  logits: Tensor,
  targets: Tensor,
  { labelSmoothing = 0 }: Pick<CrossEntropyOptions, 'labelSmoothing'> = {},
): Tensor {
  if (!sameShape(logits.shape, targets.shape) || logits.rank === 0) {
    throw misfit('crossEntropySoft', [logits, targets], 'targets need the shape of the logits')
  }
  checkSmoothing(labelSmoothing)
  const classes = logits.shape.at(-1)!
  const smoothed = labelSmoothing ? targets.mul(1 - labelSmoothing).add(labelSmoothing / classes) : targets
  return logits.logSoftmax().mul(smoothed).sum(-1).neg()
}

function checkSmoothing(labelSmoothing: number): void {
  if (labelSmoothing >= 0 && labelSmoothing <= 1) return
  const message = `crossEntropy: labelSmoothing ${labelSmoothing} must lie in [0, 1]`
  throw new ConfigError('losses/label-smoothing', message, { labelSmoothing })
}
