import { sameShape } from '../core/index.ts'
import { misfit, type Tensor } from '../graph/index.ts'

/**
 * Error of chunks of actions, for each sample: the mean over its actions' numbers of |prediction − target|, or of its square,
 * where padded actions count as 0, as in LeRobot's ACT and SmolVLA.
 *
 * @param prediction [batch, chunk, numbers] @param target [batch, chunk, numbers]
 * @param isPad 1 at padded actions, [batch, chunk].
 * @returns [batch] @throws ShapeError `shape/chunkLoss`.
 */
export function chunkLoss(prediction: Tensor, target: Tensor, isPad: Tensor, error: 'l1' | 'square'): Tensor {
  const fits =
    prediction.rank === 3 &&
    sameShape(prediction.shape, target.shape) &&
    sameShape(isPad.shape, target.shape.slice(0, 2))
  if (!fits)
    throw misfit(
      'chunkLoss',
      [prediction, target, isPad],
      'give [batch, chunk, numbers] twice and [batch, chunk]',
    )
  const difference = prediction.sub(target)
  const errors = error === 'l1' ? difference.abs() : difference.square()
  const counted = isPad
    .neg()
    .add(1)
    .reshape([...isPad.shape, 1])
  return errors.mul(counted).mean([1, 2])
}

/**
 * Kullback–Leibler divergence of Gaussians N(mean, exp(logVariance)) from N(0, 1), summed over the numbers of a sample (Kingma and
 * Welling 2014, appendix B): −½ Σ (1 + logVariance − mean² − exp(logVariance)).
 *
 * @param mean [batch, latent] @param logVariance [batch, latent]
 * @returns [batch] @throws ShapeError `shape/gaussianDivergence`.
 */
export function gaussianDivergence(mean: Tensor, logVariance: Tensor): Tensor {
  if (mean.rank === 0 || !sameShape(mean.shape, logVariance.shape))
    throw misfit('gaussianDivergence', [mean, logVariance], 'give both as [batch, latent]')
  return logVariance.add(1).sub(mean.square()).sub(logVariance.exp()).sum(-1).mul(-0.5)
}
